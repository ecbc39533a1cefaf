-- One audit row for a token that the statement after it revokes, under the same conditions. Indexes:
-- audit_log (request_id, item), admin_tokens primary key, admin_tokens_managing.
-- ?1 at, ?2 request id, ?3 item, ?4 actor, ?5 token id, ?6 address hash, ?7 country, ?8 user agent,
-- ?9 details, ?10 reason or NULL
INSERT INTO audit_log (at, request_id, item, action, outcome, reason, actor, address_hash, country, user_agent,
  details)
SELECT CAST(?1 AS INTEGER), ?2, CAST(?3 AS INTEGER), 'token.revoked', 'done', ?10, ?4, ?6, ?7, ?8, ?9
FROM admin_tokens r WHERE r.id = ?5 AND r.revoked_at IS NULL AND (
  r.manages_tokens = 0 OR (SELECT bootstrap_enabled FROM state) = 1 OR EXISTS (
    SELECT 1 FROM admin_tokens t WHERE t.manages_tokens = 1 AND t.revoked_at IS NULL
      AND ifnull(t.expires_at > ?1, 1) AND t.id <> ?5))
