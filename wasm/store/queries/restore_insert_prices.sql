-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: prices primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO prices (version, body, note, created_at, created_by)
SELECT value ->> 'version', value ->> 'body', value ->> 'note', value ->> 'created_at', value ->> 'created_by'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
