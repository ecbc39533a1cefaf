-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: usage_totals primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(hour, plan, provider, model) AS key, json_object('hour', hour, 'plan', plan,
  'provider', provider, 'model', model, 'requests', requests, 'input_tokens', input_tokens,
  'output_tokens', output_tokens, 'cached_input_tokens', cached_input_tokens,
  'reasoning_tokens', reasoning_tokens, 'cost', cost, 'unpriced', unpriced, 'seq', seq) AS row
FROM usage_totals WHERE (hour, plan, provider, model) > (?1 ->> 0, ?1 ->> 1, ?1 ->> 2, ?1 ->> 3) ORDER BY hour, plan, provider, model
LIMIT CAST(?2 AS INTEGER)
