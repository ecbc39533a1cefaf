-- One audit row for a token that the statement after it makes: none where a live one has its name.
-- Indexes: audit_log (request_id, item), admin_tokens_by_name.
-- ?1 at, ?2 request id, ?3 actor, ?4 token name, ?5 address hash, ?6 country, ?7 user agent, ?8 details
INSERT INTO audit_log (at, request_id, action, outcome, actor, address_hash, country, user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, 'token.created', 'done', ?3, ?5, ?6, ?7, ?8
WHERE NOT EXISTS (
  SELECT 1 FROM admin_tokens WHERE name = ?4 AND revoked_at IS NULL AND ifnull(expires_at > ?1, 1))
