-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: payment_deliveries primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO payment_deliveries (id, purchase_id, state, payload, attempts, due_at, last_error, created_at,
  delivered_at)
SELECT value ->> 'id', value ->> 'purchase_id', value ->> 'state', value ->> 'payload', value ->> 'attempts',
  value ->> 'due_at', value ->> 'last_error', value ->> 'created_at', value ->> 'delivered_at'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
