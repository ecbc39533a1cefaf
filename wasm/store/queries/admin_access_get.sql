-- Who comes with this token: always one row; without a token of that hash its columns are NULL.
-- Index: admin_tokens.token_hash.
-- ?1 token hash
SELECT s.bootstrap_enabled, t.id, t.name, t.scopes, t.expires_at, t.revoked_at, t.last_used_at
FROM state s LEFT JOIN admin_tokens t ON t.token_hash = ?1
