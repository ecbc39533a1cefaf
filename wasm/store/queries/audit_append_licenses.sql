-- One audit row for each licence of a bulk act that took effect. Indexes: audit_log
-- (request_id, item), licenses primary key.
-- ?1 at, ?2 request id, ?3 action, ?4 actor, ?5 address hash, ?6 country, ?7 user agent,
-- ?8 JSON array of {id, details}
INSERT INTO audit_log (at, request_id, item, action, outcome, actor, license_id, address_hash, country,
  user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, key, ?3, 'done', ?4, value ->> 'id', ?5, ?6, ?7, value ->> 'details'
FROM json_each(?8) WHERE EXISTS (SELECT 1 FROM licenses WHERE id = value ->> 'id')
