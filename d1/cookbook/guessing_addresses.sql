-- Addresses that tried licences which do not exist, most first. An address is a keyed hash.
-- Reads the newest rows of the audit log.
WITH parameter(newest) AS (VALUES (100000))
SELECT address_hash, count(*) AS tries, count(DISTINCT user_agent) AS agents, max(country) AS country,
  datetime(min(at) / 1000, 'unixepoch') AS first, datetime(max(at) / 1000, 'unixepoch') AS latest
FROM parameter CROSS JOIN audit_log
WHERE seq > (SELECT max(seq) FROM audit_log) - newest AND outcome = 'denied' AND reason = 'unknown_license'
GROUP BY address_hash ORDER BY tries DESC LIMIT 50
