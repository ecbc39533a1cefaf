-- Licences with the most grants lately, and from how many machines and countries.
-- Reads the newest rows of the audit log.
WITH parameter(newest) AS (VALUES (100000))
SELECT license_id, count(*) AS grants, count(DISTINCT machine_hash) AS machines, count(DISTINCT country) AS countries
FROM parameter CROSS JOIN audit_log
WHERE seq > (SELECT max(seq) FROM audit_log) - newest AND action = 'provision.granted'
GROUP BY license_id ORDER BY grants DESC LIMIT 50
