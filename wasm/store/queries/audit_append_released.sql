-- One audit row for a seat that the statement after it frees: none where another freed it meanwhile.
-- Indexes: audit_log (request_id, item), machines.id.
-- ?1 at, ?2 request id, ?3 actor, ?4 machine id, ?5 address hash, ?6 country, ?7 user agent, ?8 details
INSERT INTO audit_log (at, request_id, action, outcome, actor, license_id, address_hash, country, user_agent,
  details)
SELECT CAST(?1 AS INTEGER), ?2, 'machine.released', 'done', ?3, license_id, ?5, ?6, ?7, ?8
FROM machines WHERE id = ?4 AND released_at IS NULL
