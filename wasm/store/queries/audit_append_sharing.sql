-- One audit row for each step, if the run is the batch's own. Indexes: audit_log (request_id, item), sharing_walk
-- primary key.
-- ?1 at, ?2 run, which is the request id too, ?3 actor, ?4 address hash, ?5 country, ?6 user agent,
-- ?7 JSON array of {license_id, action, reason, details}
INSERT INTO audit_log (at, request_id, item, action, outcome, reason, actor, license_id, address_hash, country,
  user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, key, value ->> 'action', 'done', value ->> 'reason', ?3, value ->> 'license_id', ?4, ?5,
  ?6, value ->> 'details'
FROM json_each(?7) WHERE (SELECT run FROM sharing_walk WHERE id = 1) = ?2
