-- Machines that hold a seat and were not seen for so many days.
-- @parameter days integer 1 3650 Not seen for so many days.
-- @columns id, license_id, country, app_version, last_seen time
WITH parameter(days) AS (VALUES (30))
SELECT m.id, m.license_id, m.country, m.app_version, datetime(m.last_seen_at / 1000, 'unixepoch') AS last_seen
FROM parameter CROSS JOIN machines m
WHERE m.released_at IS NULL AND m.last_seen_at < (strftime('%s', 'now') - days * 86400) * 1000
ORDER BY m.last_seen_at LIMIT 200
