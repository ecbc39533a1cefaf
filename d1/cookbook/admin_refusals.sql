-- Refused admin requests: wrong, expired and revoked tokens, missing scopes.
-- Reads the newest rows of the audit log.
WITH parameter(newest) AS (VALUES (100000))
SELECT datetime(at / 1000, 'unixepoch') AS at, actor, reason, details, country, user_agent, request_id
FROM parameter CROSS JOIN audit_log
WHERE seq > (SELECT max(seq) FROM audit_log) - newest AND action = 'admin.denied'
ORDER BY seq DESC LIMIT 200
