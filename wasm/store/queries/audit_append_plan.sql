-- One audit row for a version of a plan that the statement after it makes: none where another made it
-- meanwhile. Indexes: audit_log (request_id, item), plans primary key.
-- ?1 at, ?2 request id, ?3 actor, ?4 address hash, ?5 country, ?6 user agent, ?7 details, ?8 plan, ?9 version
INSERT INTO audit_log (at, request_id, action, outcome, actor, address_hash, country, user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, 'plan.set', 'done', ?3, ?4, ?5, ?6, ?7
WHERE NOT EXISTS (SELECT 1 FROM plans WHERE name = ?8 AND version = ?9)
