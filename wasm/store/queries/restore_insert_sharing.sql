-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: sharing primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO sharing (license_id, trail, score, level, level_at, quiet_since, throttled_to, ignored_until,
  reasons, seen, scored_at, due_at)
SELECT value ->> 'license_id', value ->> 'trail', value ->> 'score', value ->> 'level', value ->> 'level_at',
  value ->> 'quiet_since', value ->> 'throttled_to', value ->> 'ignored_until', value ->> 'reasons',
  value ->> 'seen', value ->> 'scored_at', value ->> 'due_at'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
