-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: audit_log primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO audit_log (seq, at, request_id, item, action, outcome, reason, actor, license_id, machine_hash,
  address_hash, country, user_agent, details)
SELECT value ->> 'seq', value ->> 'at', value ->> 'request_id', value ->> 'item', value ->> 'action',
  value ->> 'outcome', value ->> 'reason', value ->> 'actor', value ->> 'license_id',
  value ->> 'machine_hash', value ->> 'address_hash', value ->> 'country', value ->> 'user_agent',
  value ->> 'details'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
