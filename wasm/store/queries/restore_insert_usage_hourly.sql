-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: usage_hourly primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO usage_hourly (license_id, hour, provider, model, machine_id, requests, input_tokens,
  output_tokens, cached_input_tokens, reasoning_tokens, cost, unpriced, seq)
SELECT value ->> 'license_id', value ->> 'hour', value ->> 'provider', value ->> 'model',
  value ->> 'machine_id', value ->> 'requests', value ->> 'input_tokens', value ->> 'output_tokens',
  value ->> 'cached_input_tokens', value ->> 'reasoning_tokens', value ->> 'cost', value ->> 'unpriced',
  value ->> 'seq'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
