-- One audit row of what a payment did, if the purchase was settled by this attempt. Indexes: audit_log
-- (request_id, item), purchases.purchase_key.
-- ?1 at, ?2 request id, ?3 item, ?4 action, ?5 reason, ?6 actor, ?7 licence or NULL, ?8 address hash, ?9 country,
-- ?10 user agent, ?11 details, ?12 purchase key, ?13 the attempt
INSERT INTO audit_log (at, request_id, item, action, outcome, reason, actor, license_id, address_hash, country,
  user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, CAST(?3 AS INTEGER), ?4, 'done', ?5, ?6, ?7, ?8, ?9, ?10, ?11
FROM purchases WHERE purchase_key = ?12 AND settled_by = ?13
