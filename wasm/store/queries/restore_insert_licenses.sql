-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: licenses primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO licenses (id, code_hash, code_hint, kind, plan, plan_version, providers, deliveries, max_machines,
  status, status_reason, expires_at, holder, holder_name_hash, holder_email_hash, note, version, kv_version,
  created_at, updated_at, overrides, first_use_days, requests_per_hour, paid_terms, trial_of, replaced_codes,
  budget, kv_blocked_until)
SELECT value ->> 'id', value ->> 'code_hash', value ->> 'code_hint', value ->> 'kind', value ->> 'plan',
  value ->> 'plan_version', value ->> 'providers', value ->> 'deliveries', value ->> 'max_machines',
  value ->> 'status', value ->> 'status_reason', value ->> 'expires_at', value ->> 'holder',
  value ->> 'holder_name_hash', value ->> 'holder_email_hash', value ->> 'note', value ->> 'version',
  value ->> 'kv_version', value ->> 'created_at', value ->> 'updated_at', value ->> 'overrides',
  value ->> 'first_use_days', value ->> 'requests_per_hour', value ->> 'paid_terms', value ->> 'trial_of',
  value ->> 'replaced_codes', value ->> 'budget', value ->> 'kv_blocked_until'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
