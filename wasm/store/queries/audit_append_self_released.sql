-- The certificate of a holder's release: its audit row, if the facts allow it (provision/release.cc says the
-- same in C++). The statements after it release only what it names. Comes after provision_ask, which counts.
-- Indexes: audit_log (request_id, item) and audit_log_releases, licenses.code_hash, machines primary key and
-- id, rate_limits primary key.
-- ?1 at, ?2 request id, ?3 code hash, ?4 hash of the machine that asks, ?5 address hash, ?6 country,
-- ?7 user agent, ?8 licence of the receipt or NULL, ?9 address subject, ?10 address limit, ?11 licence limit,
-- ?12 id of the machine to release or NULL, ?13 the period's begin, ?14 releases allowed in it
INSERT INTO audit_log (at, request_id, action, outcome, actor, license_id, machine_hash, address_hash, country,
  user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, 'machine.released', 'done', 'client', l.id, o.machine_hash, ?5, ?6, ?7,
  json_object('machine_id', t.id)
FROM licenses l CROSS JOIN machines o CROSS JOIN machines t
WHERE l.code_hash = ?3 AND l.status = 'active' AND ifnull(l.expires_at > ?1, 1) AND ifnull(l.id = ?8, 1)
  AND o.license_id = l.id AND o.machine_hash = ?4 AND o.released_at IS NULL
  AND t.id = ifnull(?12, o.id) AND t.license_id = l.id AND t.released_at IS NULL
  AND (SELECT window % 1000000 FROM rate_limits WHERE subject = ?9) <= ?10
  AND (SELECT window % 1000000 FROM rate_limits WHERE subject = l.id) <= min(?11, ifnull(l.requests_per_hour, ?11))
  AND (SELECT count(*) FROM audit_log a WHERE a.license_id = l.id AND a.action = 'machine.released'
    AND a.actor = 'client' AND a.at > ?13) < ?14
RETURNING seq
