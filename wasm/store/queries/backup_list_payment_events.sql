-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: payment_events primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(seq) AS key, json_object('seq', seq, 'id', id, 'provider', provider, 'type', type,
  'occurred_at', occurred_at, 'received_at', received_at, 'state', state, 'facts', facts, 'email', email,
  'unread', unread, 'attempts', attempts, 'due_at', due_at) AS row
FROM payment_events WHERE seq > (?1 ->> 0) ORDER BY seq
LIMIT CAST(?2 AS INTEGER)
