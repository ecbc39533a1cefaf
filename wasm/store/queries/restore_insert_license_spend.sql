-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: license_spend primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO license_spend (license_id, day, requests, cost, unpriced, seq)
SELECT value ->> 'license_id', value ->> 'day', value ->> 'requests', value ->> 'cost', value ->> 'unpriced',
  value ->> 'seq'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
