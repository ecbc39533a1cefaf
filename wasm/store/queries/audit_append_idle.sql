-- One audit row for each of the seats that nobody has used for long, the longest first; the statements after
-- it free those and no others. Cron. Indexes: audit_log (request_id, item), machines_by_last_seen.
-- ?1 at, ?2 request id, ?3 not seen since, ?4 how many
INSERT INTO audit_log (at, request_id, item, action, outcome, reason, actor, license_id, machine_hash, details)
SELECT CAST(?1 AS INTEGER), ?2, row_number() OVER () - 1, 'machine.released', 'done', 'idle', 'cron', license_id,
  machine_hash, json_object('machine_id', id)
FROM (SELECT id, license_id, machine_hash FROM machines
  WHERE released_at IS NULL AND last_seen_at < ?3 ORDER BY last_seen_at LIMIT CAST(?4 AS INTEGER))
