-- Appends one audit row: a denial or an admin act. Index: audit_log (request_id, item).
-- ?1 at, ?2 request id, ?3 item, ?4 action, ?5 outcome, ?6 reason, ?7 actor, ?8 licence id,
-- ?9 machine hash, ?10 address hash, ?11 country, ?12 user agent, ?13 details
INSERT INTO audit_log (at, request_id, item, action, outcome, reason, actor, license_id, machine_hash,
  address_hash, country, user_agent, details)
VALUES (CAST(?1 AS INTEGER), ?2, CAST(?3 AS INTEGER), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
