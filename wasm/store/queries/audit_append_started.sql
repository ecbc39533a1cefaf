-- One audit row for a licence whose end the statement after it sets, beside the row of the grant that
-- does it. Indexes: audit_log (request_id, item), licenses primary key.
-- ?1 at, ?2 request id, ?3 licence id, ?4 machine hash, ?5 address hash, ?6 country, ?7 user agent
INSERT INTO audit_log (at, request_id, item, action, outcome, actor, license_id, machine_hash, address_hash, country,
  user_agent)
SELECT CAST(?1 AS INTEGER), ?2, 1, 'license.started', 'done', 'client', id, ?4, ?5, ?6, ?7
FROM licenses WHERE id = ?3 AND expires_at IS NULL AND first_use_days IS NOT NULL
