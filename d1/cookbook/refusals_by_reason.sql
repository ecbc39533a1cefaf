-- Why clients were refused lately.
-- Reads the newest rows of the audit log.
-- @parameter newest integer 1 1000000 How many of the newest rows of the audit log it reads.
-- @columns action, reason, refusals integer, addresses integer, licenses integer, latest time
-- @plot bars reason refusals
WITH parameter(newest) AS (VALUES (100000))
SELECT action, reason, count(*) AS refusals, count(DISTINCT address_hash) AS addresses, count(DISTINCT license_id) AS licenses,
  datetime(max(at) / 1000, 'unixepoch') AS latest
FROM parameter CROSS JOIN audit_log
WHERE seq > (SELECT max(seq) FROM audit_log) - newest AND outcome = 'denied'
GROUP BY action, reason ORDER BY refusals DESC
