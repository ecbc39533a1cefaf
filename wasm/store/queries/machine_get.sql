-- Index: machines.id.
-- ?1 machine id
SELECT id, license_id, first_seen_at, last_seen_at, released_at, country, app_version FROM machines
WHERE id = ?1
