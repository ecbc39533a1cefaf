-- New licences from one JSON array; a code that exists is skipped, and so is a second trial of somebody.
-- Indexes: licenses.code_hash, licenses.trial_of.
-- ?1 JSON array of rows, ?2 now
INSERT INTO licenses (id, code_hash, code_hint, kind, plan, plan_version, providers, deliveries, max_machines,
  status, expires_at, holder, holder_name_hash, holder_email_hash, note, overrides, budget,
  first_use_days, trial_of, created_at, updated_at)
SELECT value ->> 'id', value ->> 'code_hash', value ->> 'code_hint', value ->> 'kind', value ->> 'plan',
  value ->> 'plan_version', value ->> 'providers', value ->> 'deliveries', value ->> 'max_machines', 'active',
  value ->> 'expires_at', value ->> 'holder', value ->> 'holder_name_hash', value ->> 'holder_email_hash',
  value ->> 'note', value ->> 'overrides', value ->> 'budget', value ->> 'first_use_days', value ->> 'trial_of',
  CAST(?2 AS INTEGER), CAST(?2 AS INTEGER)
FROM json_each(?1) WHERE true
ON CONFLICT DO NOTHING
RETURNING id
