-- Active licences that end in the next days, soonest first.
-- Reads all active licences.
-- @parameter days integer 1 3650 How far it looks ahead.
-- @columns id, code_hint, plan, ends time, note
WITH parameter(days) AS (VALUES (30))
SELECT id, code_hint, plan, datetime(expires_at / 1000, 'unixepoch') AS ends, note
FROM licenses, parameter
WHERE status = 'active' AND expires_at BETWEEN strftime('%s', 'now') * 1000
  AND (strftime('%s', 'now') + days * 86400) * 1000
ORDER BY expires_at LIMIT 200
