-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: licenses primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(id) AS key, json_object('id', id, 'code_hash', code_hash, 'code_hint', code_hint,
  'kind', kind, 'plan', plan, 'plan_version', plan_version, 'providers', providers, 'deliveries', deliveries,
  'max_machines', max_machines, 'status', status, 'status_reason', status_reason, 'expires_at', expires_at,
  'holder', holder, 'holder_name_hash', holder_name_hash, 'holder_email_hash', holder_email_hash,
  'note', note, 'version', version, 'kv_version', kv_version, 'created_at', created_at,
  'updated_at', updated_at, 'overrides', overrides, 'first_use_days', first_use_days,
  'requests_per_hour', requests_per_hour, 'paid_terms', paid_terms, 'trial_of', trial_of,
  'replaced_codes', replaced_codes, 'budget', budget, 'kv_blocked_until', kv_blocked_until) AS row
FROM licenses WHERE id > (?1 ->> 0) ORDER BY id
LIMIT CAST(?2 AS INTEGER)
