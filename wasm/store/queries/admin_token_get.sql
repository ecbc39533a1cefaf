-- Index: admin_tokens primary key.
-- ?1 id
SELECT id, name, hint, scopes, expires_at, revoked_at, created_by, created_at, last_used_at FROM admin_tokens
WHERE id = ?1
