-- A new token, unless a live one has its name. Index: admin_tokens_by_name.
-- ?1 id, ?2 name, ?3 token hash, ?4 hint, ?5 scopes, ?6 1 if it may manage tokens, ?7 its end or NULL,
-- ?8 actor, ?9 now
INSERT INTO admin_tokens (id, name, token_hash, hint, scopes, manages_tokens, expires_at, created_by, created_at)
SELECT ?1, ?2, ?3, ?4, ?5, CAST(?6 AS INTEGER), CAST(?7 AS INTEGER), ?8, CAST(?9 AS INTEGER)
WHERE NOT EXISTS (
  SELECT 1 FROM admin_tokens WHERE name = ?2 AND revoked_at IS NULL AND ifnull(expires_at > ?9, 1))
RETURNING id
