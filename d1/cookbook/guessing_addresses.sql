-- Addresses that tried licences which do not exist, most first. An address is a keyed hash.
-- Reads the newest rows of the audit log.
-- @parameter newest integer 1 1000000 How many of the newest rows of the audit log it reads.
-- @columns address_hash, tries integer, agents integer, country, first time, latest time
-- @plot bars address_hash tries
WITH parameter(newest) AS (VALUES (100000))
SELECT substr(address_hash, 1, 16) AS address_hash, count(*) AS tries, count(DISTINCT user_agent) AS agents, max(country) AS country,
  datetime(min(at) / 1000, 'unixepoch') AS first, datetime(max(at) / 1000, 'unixepoch') AS latest
FROM parameter CROSS JOIN audit_log
WHERE seq > (SELECT max(seq) FROM audit_log) - newest AND outcome = 'denied' AND reason = 'unknown_license'
GROUP BY audit_log.address_hash ORDER BY tries DESC LIMIT 50
