-- A page of tokens, newest first, those that are refused too. Index: admin_tokens primary key.
-- ?1 id after which to go on, ?2 page rows
SELECT id, name, hint, scopes, expires_at, revoked_at, created_by, created_at, last_used_at FROM admin_tokens
WHERE id < ?1 ORDER BY id DESC LIMIT CAST(?2 AS INTEGER)
