-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: machines primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(license_id, machine_hash) AS key, json_object('license_id', license_id,
  'machine_hash', machine_hash, 'id', id, 'first_seen_at', first_seen_at, 'last_seen_at', last_seen_at,
  'seated_at', seated_at, 'released_at', released_at, 'country', country, 'app_version', app_version,
  'ring_version', ring_version, 'secrets_tag', secrets_tag, 'fernet_key', fernet_key,
  'ring_version_before', ring_version_before, 'secrets_tag_before', secrets_tag_before, 'name', name,
  'version', version, 'seat_held_until', seat_held_until) AS row
FROM machines WHERE (license_id, machine_hash) > (?1 ->> 0, ?1 ->> 1) ORDER BY license_id, machine_hash
LIMIT CAST(?2 AS INTEGER)
