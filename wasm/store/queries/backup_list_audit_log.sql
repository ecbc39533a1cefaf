-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: audit_log primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(seq) AS key, json_object('seq', seq, 'at', at, 'request_id', request_id, 'item', item,
  'action', action, 'outcome', outcome, 'reason', reason, 'actor', actor, 'license_id', license_id,
  'machine_hash', machine_hash, 'address_hash', address_hash, 'country', country, 'user_agent', user_agent,
  'details', details) AS row
FROM audit_log WHERE seq > (?1 ->> 0) ORDER BY seq
LIMIT CAST(?2 AS INTEGER)
