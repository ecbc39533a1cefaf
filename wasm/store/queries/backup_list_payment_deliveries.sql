-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: payment_deliveries primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(id) AS key, json_object('id', id, 'purchase_id', purchase_id, 'state', state,
  'payload', payload, 'attempts', attempts, 'due_at', due_at, 'last_error', last_error,
  'created_at', created_at, 'delivered_at', delivered_at) AS row
FROM payment_deliveries WHERE id > (?1 ->> 0) ORDER BY id
LIMIT CAST(?2 AS INTEGER)
