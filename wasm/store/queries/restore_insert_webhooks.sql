-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: webhooks primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO webhooks (id, name, sealed, hint, events, min_severity, state, failures, old_secret_until,
  revision, created_by, created_at, updated_at, last_delivered_at)
SELECT value ->> 'id', value ->> 'name', value ->> 'sealed', value ->> 'hint', value ->> 'events',
  value ->> 'min_severity', value ->> 'state', value ->> 'failures', value ->> 'old_secret_until',
  value ->> 'revision', value ->> 'created_by', value ->> 'created_at', value ->> 'updated_at',
  value ->> 'last_delivered_at'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
