-- Licences older than so many days that no machine ever came with.
-- Reads all licences.
WITH parameter(days) AS (VALUES (14))
SELECT l.id, l.code_hint, l.plan, datetime(l.created_at / 1000, 'unixepoch') AS created, l.note
FROM licenses l, parameter
WHERE l.status = 'active' AND l.created_at < (strftime('%s', 'now') - days * 86400) * 1000
  AND NOT EXISTS (SELECT 1 FROM machines m WHERE m.license_id = l.id)
ORDER BY l.created_at LIMIT 200
