-- One audit row for each licence that the statement after it changes: those at the version presumed.
-- Indexes: audit_log (request_id, item), licenses primary key.
-- ?1 at, ?2 request id, ?3 action, ?4 reason or NULL, ?5 actor, ?6 address hash, ?7 country, ?8 user agent,
-- ?9 JSON array of {id, version, details}
INSERT INTO audit_log (at, request_id, item, action, outcome, reason, actor, license_id, address_hash, country,
  user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, key, ?3, 'done', ?4, ?5, value ->> 'id', ?6, ?7, ?8, value ->> 'details'
FROM json_each(?9) WHERE EXISTS
  (SELECT 1 FROM licenses WHERE id = value ->> 'id' AND version = value ->> 'version')
