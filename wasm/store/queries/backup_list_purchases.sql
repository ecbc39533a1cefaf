-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: purchases primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(id) AS key, json_object('id', id, 'purchase_key', purchase_key, 'provider', provider,
  'product', product, 'outcome', outcome, 'standing', standing, 'license_id', license_id,
  'revision', revision, 'settled_by', settled_by, 'created_at', created_at, 'updated_at', updated_at) AS row
FROM purchases WHERE id > (?1 ->> 0) ORDER BY id
LIMIT CAST(?2 AS INTEGER)
