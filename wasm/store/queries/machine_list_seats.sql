-- The machines of a licence that hold a seat, or whose seat cools down. Indexes: licenses.code_hash, machines
-- primary key.
-- ?1 code hash, ?2 hash of the machine that asks, ?3 now
SELECT m.id, m.name, m.last_seen_at, m.released_at, m.seat_held_until, m.machine_hash = ?2 AS is_own
FROM licenses l CROSS JOIN machines m
WHERE l.code_hash = ?1 AND m.license_id = l.id AND (m.released_at IS NULL OR m.seat_held_until > ?3)
