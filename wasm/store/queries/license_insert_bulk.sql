-- New licences from one JSON array; a code that exists is skipped. Index: licenses.code_hash.
-- ?1 JSON array of rows, ?2 now
INSERT INTO licenses (id, code_hash, code_hint, kind, plan, plan_version, providers, deliveries, max_machines,
  status, expires_at, holder, holder_name_hash, holder_email_hash, note, overrides,
  first_use_days, created_at, updated_at)
SELECT value ->> 'id', value ->> 'code_hash', value ->> 'code_hint', value ->> 'kind', value ->> 'plan',
  value ->> 'plan_version', value ->> 'providers', value ->> 'deliveries', value ->> 'max_machines', 'active',
  value ->> 'expires_at', value ->> 'holder', value ->> 'holder_name_hash', value ->> 'holder_email_hash',
  value ->> 'note', value ->> 'overrides', value ->> 'first_use_days', CAST(?2 AS INTEGER), CAST(?2 AS INTEGER)
FROM json_each(?1) WHERE true
ON CONFLICT (code_hash) DO NOTHING
RETURNING id
