-- Refused admin requests: wrong, expired and revoked tokens, missing scopes.
-- Reads the newest rows of the audit log.
-- @parameter newest integer 1 1000000 How many of the newest rows of the audit log it reads.
-- @columns at time, actor, reason, details, country, user_agent, request_id
WITH parameter(newest) AS (VALUES (100000))
SELECT datetime(at / 1000, 'unixepoch') AS at, actor, reason, details, country, user_agent, request_id
FROM parameter CROSS JOIN audit_log
WHERE seq > (SELECT max(seq) FROM audit_log) - newest AND action = 'admin.denied'
ORDER BY seq DESC LIMIT 200
