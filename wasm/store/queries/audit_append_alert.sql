-- One audit row for an act on an alert, if the statement after it will do it. Indexes: audit_log (request_id, item),
-- alerts primary key.
-- ?1 at, ?2 request id, ?3 action, ?4 actor, ?5 address hash, ?6 country, ?7 user agent, ?8 details, ?9 alert, ?10 state
-- presumed
INSERT INTO audit_log (at, request_id, action, outcome, actor, address_hash, country, user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, ?3, 'done', ?4, ?5, ?6, ?7, ?8 FROM alerts WHERE id = ?9 AND state = ?10
