-- The certificate: inserts the audit row of a grant if, and only if, the facts allow the
-- grant (provision/decide.cc says the same in C++; a property test holds them together).
-- Indexes: licenses.code_hash, plans, machines, rate_limits and settings primary keys.
-- ?1 now, ?2 request id, ?3 code hash, ?4 machine hash, ?5 address hash, ?6 country,
-- ?7 user agent, ?8 details, ?9 delivery bit, ?10 licence of the receipt or NULL,
-- ?11 address subject, ?12 address limit, ?13 licence limit, ?14 presumed ring or NULL
INSERT INTO audit_log (at, request_id, action, outcome, actor, license_id, machine_hash,
  address_hash, country, user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, 'provision.granted', 'granted', 'client', l.id, ?4, ?5, ?6, ?7, ?8
FROM licenses l JOIN plans p ON p.name = l.plan AND p.version = l.plan_version
WHERE l.code_hash = ?3 AND l.status = 'active' AND (l.expires_at IS NULL OR l.expires_at > ?1)
  AND p.deliveries & CAST(?9 AS INTEGER) AND (?10 IS NULL OR l.id = ?10)
  AND (EXISTS (SELECT 1 FROM machines m
      WHERE m.license_id = l.id AND m.machine_hash = ?4 AND m.released_at IS NULL)
    OR (SELECT count(*) FROM machines m WHERE m.license_id = l.id AND m.released_at IS NULL)
      < COALESCE(l.max_machines, p.max_machines))
  AND (SELECT hits FROM rate_limits WHERE subject = ?11) <= ?12
  AND (SELECT hits FROM rate_limits WHERE subject = 'license:' || l.id) <= ?13
  AND (?14 IS NULL OR (SELECT value FROM settings WHERE name = 'ring_version') = ?14)
RETURNING license_id
