-- Appends the one audit row of a window that is over its limit; a second one finds it
-- recorded and adds nothing. Indexes: audit_log (request_id, item), rate_limits primary key.
-- ?1 at, ?2 request id, ?3 action, ?4 reason, ?5 actor, ?6 licence id, ?7 machine hash,
-- ?8 address hash, ?9 country, ?10 user agent, ?11 subject
INSERT INTO audit_log (at, request_id, action, outcome, reason, actor, license_id, machine_hash,
  address_hash, country, user_agent)
SELECT CAST(?1 AS INTEGER), ?2, ?3, 'denied', ?4, ?5, ?6, ?7, ?8, ?9, ?10
FROM rate_limits WHERE subject = ?11 AND over_recorded <> window / 1000000
