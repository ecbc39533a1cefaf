-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: purchases primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO purchases (id, purchase_key, provider, product, outcome, standing, license_id, revision,
  settled_by, created_at, updated_at)
SELECT value ->> 'id', value ->> 'purchase_key', value ->> 'provider', value ->> 'product',
  value ->> 'outcome', value ->> 'standing', value ->> 'license_id', value ->> 'revision',
  value ->> 'settled_by', value ->> 'created_at', value ->> 'updated_at'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
