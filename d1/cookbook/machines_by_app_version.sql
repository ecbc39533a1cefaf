-- Which versions of the app come by, of the machines seen in the last days.
-- @parameter days integer 1 3650 Seen in the last so many days.
-- @columns app_version, machines integer
-- @plot bars app_version machines
WITH parameter(days) AS (VALUES (30))
SELECT ifnull(m.app_version, '?') AS app_version, count(*) AS machines
FROM parameter CROSS JOIN machines m
WHERE m.released_at IS NULL AND m.last_seen_at >= (strftime('%s', 'now') - days * 86400) * 1000
GROUP BY m.app_version ORDER BY machines DESC
