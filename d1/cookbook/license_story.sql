-- All that happened to one licence, newest first: acts of admins, grants and refusals.
-- Reads the whole audit log.
WITH parameter(license) AS (VALUES ('lic_...'))
SELECT datetime(at / 1000, 'unixepoch') AS at, action, outcome, reason, actor, country, substr(machine_hash, 1, 8) AS machine,
  details, request_id
FROM audit_log, parameter WHERE license_id = license
ORDER BY seq DESC LIMIT 200
