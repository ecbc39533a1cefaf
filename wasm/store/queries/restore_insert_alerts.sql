-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: alerts primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO alerts (id, kind, subject, severity, level, state, details, count, needed, first_at, last_at,
  snoozed_until, notice, acted_by, acted_at, resolved_at)
SELECT value ->> 'id', value ->> 'kind', value ->> 'subject', value ->> 'severity', value ->> 'level',
  value ->> 'state', value ->> 'details', value ->> 'count', value ->> 'needed', value ->> 'first_at',
  value ->> 'last_at', value ->> 'snoozed_until', value ->> 'notice', value ->> 'acted_by',
  value ->> 'acted_at', value ->> 'resolved_at'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
