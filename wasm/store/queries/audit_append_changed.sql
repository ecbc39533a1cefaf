-- One audit row for an act on a licence, if the statement after it will change the row: it is at the
-- version presumed, and the code it is to get is free. Indexes: audit_log (request_id, item), licenses
-- primary key and code_hash.
-- ?1 at, ?2 request id, ?3 action, ?4 reason, ?5 actor, ?6 licence id, ?7 address hash, ?8 country,
-- ?9 user agent, ?10 details, ?11 version presumed, ?12 code hash or NULL
INSERT INTO audit_log (at, request_id, action, outcome, reason, actor, license_id, address_hash, country,
  user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, ?3, 'done', ?4, ?5, id, ?7, ?8, ?9, ?10
FROM licenses WHERE id = ?6 AND version = ?11 AND NOT EXISTS (SELECT 1 FROM licenses WHERE code_hash = ?12)
