-- One audit row for an act on a machine, if the statement after it will change the row: it is at the version
-- presumed. Indexes: audit_log (request_id, item), machines.id.
-- ?1 at, ?2 request id, ?3 action, ?4 actor, ?5 machine id, ?6 address hash, ?7 country, ?8 user agent,
-- ?9 details, ?10 version presumed
INSERT INTO audit_log (at, request_id, action, outcome, actor, license_id, address_hash, country, user_agent,
  details)
SELECT CAST(?1 AS INTEGER), ?2, ?3, 'done', ?4, license_id, ?6, ?7, ?8, ?9
FROM machines WHERE id = ?5 AND version = ?10
