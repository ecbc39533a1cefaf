-- One audit row for an act on a webhook, if the statement after it will do it: the row is as it was read. Indexes:
-- audit_log (request_id, item), webhooks primary key.
-- ?1 at, ?2 request id, ?3 action, ?4 actor, ?5 address hash, ?6 country, ?7 user agent, ?8 details, ?9 webhook,
-- ?10 revision presumed
INSERT INTO audit_log (at, request_id, action, outcome, actor, address_hash, country, user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, ?3, 'done', ?4, ?5, ?6, ?7, ?8 FROM webhooks WHERE id = ?9 AND revision = ?10
