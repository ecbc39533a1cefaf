-- The machines of a licence, released ones too. Index: machines primary key.
-- ?1 licence id
SELECT id, license_id, name, first_seen_at, last_seen_at, released_at, seat_held_until, country, app_version, version
FROM machines WHERE license_id = ?1 ORDER BY first_seen_at, id
