-- Grants that were made while D1 did not answer: their rows came by way of KV.
-- Reads the newest rows of the audit log.
-- @parameter newest integer 1 1000000 How many of the newest rows of the audit log it reads.
-- @columns at time, license_id, machine, country, request_id
WITH parameter(newest) AS (VALUES (100000))
SELECT datetime(at / 1000, 'unixepoch') AS at, license_id, substr(machine_hash, 1, 8) AS machine, country, request_id
FROM parameter CROSS JOIN audit_log
WHERE seq > (SELECT max(seq) FROM audit_log) - newest AND action = 'provision.granted' AND details ->> 'degraded' = 1
ORDER BY seq DESC LIMIT 200
