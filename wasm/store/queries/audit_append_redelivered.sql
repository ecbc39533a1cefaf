-- One audit row of a code that an admin has handed over again, if it is still here. Indexes: audit_log
-- (request_id, item), payment_deliveries_by_purchase, purchases primary key.
-- ?1 at, ?2 request id, ?3 actor, ?4 purchase, ?5 address hash, ?6 country, ?7 user agent, ?8 details
INSERT INTO audit_log (at, request_id, action, outcome, actor, license_id, address_hash, country, user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, 'payment.redelivered', 'done', ?3, license_id, ?5, ?6, ?7, ?8
FROM purchases WHERE id = ?4 AND EXISTS (SELECT 1 FROM payment_deliveries
  WHERE id = (SELECT max(id) FROM payment_deliveries WHERE purchase_id = ?4) AND payload IS NOT NULL)
