-- One audit row for a message that the statement after it posts again. Indexes: audit_log (request_id, item),
-- webhook_deliveries primary key, webhooks primary key.
-- ?1 at, ?2 request id, ?3 actor, ?4 address hash, ?5 country, ?6 user agent, ?7 details, ?8 message
INSERT INTO audit_log (at, request_id, action, outcome, actor, address_hash, country, user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, 'webhook.redelivered', 'done', ?3, ?4, ?5, ?6, ?7 FROM webhook_deliveries
WHERE id = ?8 AND EXISTS (SELECT 1 FROM webhooks w WHERE w.id = webhook_id AND w.state = 'active')
