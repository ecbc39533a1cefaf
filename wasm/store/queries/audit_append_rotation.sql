-- One audit row for a step of a rotation, if the statements after it will take it: it is as it was read.
-- Indexes: audit_log (request_id, item), rotations primary key.
-- ?1 at, ?2 request id, ?3 item, ?4 action, ?5 reason, ?6 actor, ?7 address hash, ?8 country, ?9 user agent,
-- ?10 details, ?11 rotation, ?12 revision presumed
INSERT INTO audit_log (at, request_id, item, action, outcome, reason, actor, address_hash, country, user_agent,
  details)
SELECT CAST(?1 AS INTEGER), ?2, CAST(?3 AS INTEGER), ?4, 'done', ?5, ?6, ?7, ?8, ?9, ?10
FROM rotations WHERE id = ?11 AND revision = ?12
