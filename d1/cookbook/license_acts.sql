-- What admins, cron and payments did to one licence, newest first.
-- @parameter license text The licence, lic_...
-- @columns at time, action, reason, actor, details, request_id
WITH parameter(license) AS (VALUES ('lic_...'))
SELECT datetime(at / 1000, 'unixepoch') AS at, action, reason, actor, details, request_id
FROM parameter CROSS JOIN audit_log
WHERE license_id = license AND outcome = 'done'
ORDER BY seq DESC LIMIT 200
