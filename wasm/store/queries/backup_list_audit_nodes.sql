-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: audit_nodes primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(level, number) AS key, json_object('level', level, 'number', number, 'hash', hash) AS row
FROM audit_nodes WHERE (level, number) > (?1 ->> 0, ?1 ->> 1) ORDER BY level, number
LIMIT CAST(?2 AS INTEGER)
