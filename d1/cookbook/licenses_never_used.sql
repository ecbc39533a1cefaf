-- Licences older than so many days that no machine ever came with.
-- Reads all licences.
-- @parameter days integer 0 3650 How old a licence is at least.
-- @columns id, code_hint, plan, created time, note
WITH parameter(days) AS (VALUES (14))
SELECT l.id, l.code_hint, l.plan, datetime(l.created_at / 1000, 'unixepoch') AS created, l.note
FROM licenses l, parameter
WHERE l.status = 'active' AND l.created_at < (strftime('%s', 'now') - days * 86400) * 1000
  AND NOT EXISTS (SELECT 1 FROM machines m WHERE m.license_id = l.id)
ORDER BY l.created_at LIMIT 200
