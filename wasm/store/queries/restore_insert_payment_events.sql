-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: payment_events primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO payment_events (seq, id, provider, type, occurred_at, received_at, state, facts, email, unread,
  attempts, due_at)
SELECT value ->> 'seq', value ->> 'id', value ->> 'provider', value ->> 'type', value ->> 'occurred_at',
  value ->> 'received_at', value ->> 'state', value ->> 'facts', value ->> 'email', value ->> 'unread',
  value ->> 'attempts', value ->> 'due_at'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
