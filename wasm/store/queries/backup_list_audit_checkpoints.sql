-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: audit_checkpoints primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(size) AS key, json_object('size', size, 'root', root, 'note', note, 'at', at) AS row
FROM audit_checkpoints WHERE size > (?1 ->> 0) ORDER BY size
LIMIT CAST(?2 AS INTEGER)
