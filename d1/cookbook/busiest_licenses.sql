-- Licences with the most grants lately, and from how many machines and countries.
-- Reads the newest rows of the audit log.
-- @parameter newest integer 1 1000000 How many of the newest rows of the audit log it reads.
-- @columns license_id, grants integer, machines integer, countries integer
-- @plot bars license_id grants
WITH parameter(newest) AS (VALUES (100000))
SELECT license_id, count(*) AS grants, count(DISTINCT machine_hash) AS machines, count(DISTINCT country) AS countries
FROM parameter CROSS JOIN audit_log
WHERE seq > (SELECT max(seq) FROM audit_log) - newest AND action = 'provision.granted'
GROUP BY license_id ORDER BY grants DESC LIMIT 50
