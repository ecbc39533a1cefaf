-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: machines primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO machines (license_id, machine_hash, id, first_seen_at, last_seen_at, seated_at, released_at,
  country, app_version, ring_version, secrets_tag, fernet_key, ring_version_before, secrets_tag_before, name,
  version, seat_held_until)
SELECT value ->> 'license_id', value ->> 'machine_hash', value ->> 'id', value ->> 'first_seen_at',
  value ->> 'last_seen_at', value ->> 'seated_at', value ->> 'released_at', value ->> 'country',
  value ->> 'app_version', value ->> 'ring_version', value ->> 'secrets_tag', value ->> 'fernet_key',
  value ->> 'ring_version_before', value ->> 'secrets_tag_before', value ->> 'name', value ->> 'version',
  value ->> 'seat_held_until'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
