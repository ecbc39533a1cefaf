-- One audit row for a table of prices that the statement after it stores: none where another came in between.
-- Indexes: audit_log (request_id, item), prices primary key.
-- ?1 at, ?2 request id, ?3 actor, ?4 address hash, ?5 country, ?6 user agent, ?7 details, ?8 the newest version as
-- it was read
INSERT INTO audit_log (at, request_id, action, outcome, actor, address_hash, country, user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, 'prices.set', 'done', ?3, ?4, ?5, ?6, ?7
WHERE (SELECT ifnull(max(version), 0) FROM prices) = CAST(?8 AS INTEGER)
