-- Trials, and whether their holder came with a machine.
-- Reads all trials.
-- @columns id, code_hint, plan, status, given time, ends time, is_used integer
SELECT l.id, l.code_hint, l.plan, l.status, datetime(l.created_at / 1000, 'unixepoch') AS given,
  datetime(l.expires_at / 1000, 'unixepoch') AS ends,
  EXISTS (SELECT 1 FROM machines m WHERE m.license_id = l.id) AS is_used
FROM licenses l INDEXED BY licenses_by_trial WHERE l.trial_of IS NOT NULL
ORDER BY l.created_at DESC LIMIT 200
