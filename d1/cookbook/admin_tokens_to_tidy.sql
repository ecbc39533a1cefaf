-- Live admin tokens that nobody used for so many days, or that never end.
-- Reads all admin tokens.
-- @parameter days integer 1 3650 How long a token may go without use.
-- @columns id, name, hint, scopes, last_used time, expires time
WITH parameter(days) AS (VALUES (90))
SELECT id, name, hint, scopes, datetime(last_used_at / 1000, 'unixepoch') AS last_used,
  datetime(expires_at / 1000, 'unixepoch') AS expires
FROM admin_tokens, parameter
WHERE revoked_at IS NULL AND (expires_at IS NULL OR ifnull(last_used_at, created_at) < (strftime('%s', 'now') - days * 86400) * 1000)
ORDER BY ifnull(last_used_at, 0)
