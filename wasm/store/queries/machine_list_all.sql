-- A page of all machines, newest first, released ones too. Index: machines.id.
-- ?1 id after which to go on, ?2 page rows
SELECT id, license_id, name, first_seen_at, last_seen_at, released_at, seat_held_until, country, app_version, version
FROM machines WHERE id < ?1 ORDER BY id DESC LIMIT CAST(?2 AS INTEGER)
