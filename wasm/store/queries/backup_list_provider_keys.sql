-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: provider_keys primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(id) AS key, json_object('id', id, 'provider', provider, 'version', version, 'state', state,
  'sealed', sealed, 'ring_version', ring_version, 'created_at', created_at, 'retired_at', retired_at,
  'published_at', published_at) AS row
FROM provider_keys WHERE id > (?1 ->> 0) ORDER BY id
LIMIT CAST(?2 AS INTEGER)
