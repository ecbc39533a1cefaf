-- Index: machines.id.
-- ?1 machine id
SELECT id, license_id, name, first_seen_at, last_seen_at, released_at, seat_held_until, country, app_version, version
FROM machines WHERE id = ?1
