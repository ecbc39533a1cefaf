-- Why clients were refused lately.
-- Reads the newest rows of the audit log.
WITH parameter(newest) AS (VALUES (100000))
SELECT action, reason, count(*) AS refusals, count(DISTINCT address_hash) AS addresses, count(DISTINCT license_id) AS licenses,
  datetime(max(at) / 1000, 'unixepoch') AS latest
FROM parameter CROSS JOIN audit_log
WHERE seq > (SELECT max(seq) FROM audit_log) - newest AND outcome = 'denied'
GROUP BY action, reason ORDER BY refusals DESC
