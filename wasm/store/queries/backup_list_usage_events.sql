-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: usage_events primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(seq) AS key, json_object('seq', seq, 'license_id', license_id, 'event_id', event_id,
  'machine_id', machine_id, 'plan', plan, 'report', report, 'at', at, 'received_at', received_at,
  'provider', provider, 'model', model, 'input_tokens', input_tokens, 'output_tokens', output_tokens,
  'cached_input_tokens', cached_input_tokens, 'reasoning_tokens', reasoning_tokens, 'cost', cost,
  'price_version', price_version) AS row
FROM usage_events WHERE seq > (?1 ->> 0) ORDER BY seq
LIMIT CAST(?2 AS INTEGER)
