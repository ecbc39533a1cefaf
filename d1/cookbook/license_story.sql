-- What happened to one licence, newest first: all acts of admins, and of the newest rows grants and refusals too.
-- Reads the newest rows of the audit log, the last 100,000.
-- @parameter license text The licence, lic_...
-- @columns at time, action, outcome, reason, actor, country, machine, details, request_id
WITH parameter(license) AS (VALUES ('lic_...'))
SELECT datetime(at / 1000, 'unixepoch') AS at, action, outcome, reason, actor, country, substr(machine_hash, 1, 8) AS machine,
  details, request_id
FROM parameter CROSS JOIN audit_log
WHERE (license_id = license AND license_id IS NOT NULL AND outcome = 'done')
  OR (seq > (SELECT max(seq) FROM audit_log) - 100000 AND license_id = license)
ORDER BY seq DESC LIMIT 200
