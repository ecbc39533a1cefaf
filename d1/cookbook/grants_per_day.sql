-- Grants and refusals of the last days.
-- Reads the newest rows of the audit log.
WITH parameter(newest) AS (VALUES (100000))
SELECT date(at / 1000, 'unixepoch') AS day, sum(outcome = 'granted') AS granted, sum(outcome = 'denied') AS denied,
  count(DISTINCT license_id) AS licenses
FROM parameter CROSS JOIN audit_log
WHERE seq > (SELECT max(seq) FROM audit_log) - newest AND action LIKE 'provision.%'
GROUP BY day ORDER BY day DESC
