-- One audit row for a webhook that the statement after it makes: none where there are too many. Indexes: audit_log
-- (request_id, item), webhooks (a handful).
-- ?1 at, ?2 request id, ?3 actor, ?4 address hash, ?5 country, ?6 user agent, ?7 details, ?8 how many there may be
INSERT INTO audit_log (at, request_id, action, outcome, actor, address_hash, country, user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, 'webhook.created', 'done', ?3, ?4, ?5, ?6, ?7
WHERE (SELECT count(*) FROM webhooks) < ?8
