-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: alert_rules primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO alert_rules (kind, enabled, severity, updated_by, updated_at)
SELECT value ->> 'kind', value ->> 'enabled', value ->> 'severity', value ->> 'updated_by',
  value ->> 'updated_at'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
