-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: usage_hourly primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(license_id, hour, provider, model, machine_id) AS key, json_object('license_id', license_id,
  'hour', hour, 'provider', provider, 'model', model, 'machine_id', machine_id, 'requests', requests,
  'input_tokens', input_tokens, 'output_tokens', output_tokens, 'cached_input_tokens', cached_input_tokens,
  'reasoning_tokens', reasoning_tokens, 'cost', cost, 'unpriced', unpriced, 'seq', seq) AS row
FROM usage_hourly WHERE (license_id, hour, provider, model, machine_id) > (?1 ->> 0, ?1 ->> 1, ?1 ->> 2, ?1 ->> 3, ?1 ->> 4) ORDER BY license_id, hour, provider, model, machine_id
LIMIT CAST(?2 AS INTEGER)
