-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: payment_aliases primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(alias, event_seq) AS key, json_object('alias', alias, 'event_seq', event_seq) AS row
FROM payment_aliases WHERE (alias, event_seq) > (?1 ->> 0, ?1 ->> 1) ORDER BY alias, event_seq
LIMIT CAST(?2 AS INTEGER)
