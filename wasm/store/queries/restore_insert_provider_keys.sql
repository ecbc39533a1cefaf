-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: provider_keys primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO provider_keys (id, provider, version, state, sealed, ring_version, created_at, retired_at,
  published_at)
SELECT value ->> 'id', value ->> 'provider', value ->> 'version', value ->> 'state', value ->> 'sealed',
  value ->> 'ring_version', value ->> 'created_at', value ->> 'retired_at', value ->> 'published_at'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
