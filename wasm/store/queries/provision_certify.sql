-- The certificate: inserts the audit row of a grant if, and only if, the facts allow the
-- grant (provision/decide.cc says the same in C++; a property test holds them together).
-- The last condition: the machine has a seat of its own, or one is free.
-- Indexes: licenses.code_hash, rate_limits and machines primary keys.
-- ?1 now, ?2 request id, ?3 code hash, ?4 machine hash, ?5 address hash, ?6 country,
-- ?7 user agent, ?8 details, ?9 delivery bit, ?10 licence of the receipt or NULL,
-- ?11 address subject, ?12 address limit, ?13 licence limit
INSERT INTO audit_log (at, request_id, action, outcome, actor, license_id, machine_hash,
  address_hash, country, user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, 'provision.granted', 'granted', 'client', id, ?4, ?5, ?6, ?7, ?8
FROM licenses
WHERE code_hash = ?3 AND status = 'active' AND ifnull(expires_at > ?1, 1)
  AND deliveries & CAST(?9 AS INTEGER) AND ifnull(id = ?10, 1)
  AND (SELECT window % 1000000 FROM rate_limits WHERE subject = ?11) <= ?12
  AND (SELECT window % 1000000 FROM rate_limits WHERE subject = licenses.id) <= ?13
  AND (SELECT count(*) - 1e6 * total(machine_hash = ?4) FROM machines
    WHERE license_id = licenses.id AND released_at IS NULL) < max_machines
