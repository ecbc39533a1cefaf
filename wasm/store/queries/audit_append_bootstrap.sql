-- One audit row for the switch that the statement after it turns, under the same conditions. Indexes:
-- audit_log (request_id, item), admin_tokens_managing.
-- ?1 at, ?2 request id, ?3 action, ?4 actor, ?5 address hash, ?6 country, ?7 user agent, ?8 1 for on
INSERT INTO audit_log (at, request_id, action, outcome, actor, address_hash, country, user_agent)
SELECT CAST(?1 AS INTEGER), ?2, ?3, 'done', ?4, ?5, ?6, ?7
FROM state WHERE bootstrap_enabled <> ?8 AND (?8 = 1 OR EXISTS (SELECT 1 FROM admin_tokens t
  WHERE t.manages_tokens = 1 AND t.revoked_at IS NULL AND ifnull(t.expires_at > ?1, 1)))
