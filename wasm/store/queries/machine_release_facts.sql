-- What a holder's release hangs on: the machine that asks, the one to release (its own where none is
-- named), how often this licence's holders released, and the release that fills the period. Indexes:
-- licenses.code_hash, machines primary key and id, audit_log_releases.
-- ?1 code hash, ?2 hash of the machine that asks, ?3 id of the one to release or NULL, ?4 the period's begin,
-- ?5 releases allowed in it, less one
SELECT o.id AS own_id, t.id AS target_id, t.released_at, t.seat_held_until,
  (SELECT count(*) FROM audit_log a
    WHERE a.license_id = l.id AND a.action = 'machine.released' AND a.actor = 'client' AND a.at > ?4) AS num_releases,
  (SELECT a.at FROM audit_log a
    WHERE a.license_id = l.id AND a.action = 'machine.released' AND a.actor = 'client' AND a.at > ?4
    ORDER BY a.at DESC LIMIT 1 OFFSET CAST(?5 AS INTEGER)) AS blocking_at
FROM licenses l LEFT JOIN machines o ON o.license_id = l.id AND o.machine_hash = ?2
  LEFT JOIN machines t ON t.id = ifnull(?3, o.id) AND t.license_id = l.id
WHERE l.code_hash = ?1
