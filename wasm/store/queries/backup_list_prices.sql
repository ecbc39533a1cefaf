-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: prices primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(version) AS key, json_object('version', version, 'body', body, 'note', note,
  'created_at', created_at, 'created_by', created_by) AS row
FROM prices WHERE version > (?1 ->> 0) ORDER BY version
LIMIT CAST(?2 AS INTEGER)
