-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: usage_events primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO usage_events (seq, license_id, event_id, machine_id, plan, report, at, received_at, provider,
  model, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost, price_version)
SELECT value ->> 'seq', value ->> 'license_id', value ->> 'event_id', value ->> 'machine_id',
  value ->> 'plan', value ->> 'report', value ->> 'at', value ->> 'received_at', value ->> 'provider',
  value ->> 'model', value ->> 'input_tokens', value ->> 'output_tokens', value ->> 'cached_input_tokens',
  value ->> 'reasoning_tokens', value ->> 'cost', value ->> 'price_version'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
