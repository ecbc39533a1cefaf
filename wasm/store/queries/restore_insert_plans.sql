-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: plans primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO plans (name, version, providers, deliveries, max_machines, license_days, created_at, models,
  limits, budget, enforcement, expiry_from, description, created_by, retired_at, monthly_price)
SELECT value ->> 'name', value ->> 'version', value ->> 'providers', value ->> 'deliveries',
  value ->> 'max_machines', value ->> 'license_days', value ->> 'created_at', value ->> 'models',
  value ->> 'limits', value ->> 'budget', value ->> 'enforcement', value ->> 'expiry_from',
  value ->> 'description', value ->> 'created_by', value ->> 'retired_at', value ->> 'monthly_price'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT (name, version) DO UPDATE SET providers = excluded.providers, deliveries = excluded.deliveries,
  max_machines = excluded.max_machines, license_days = excluded.license_days,
  created_at = excluded.created_at, models = excluded.models, limits = excluded.limits,
  budget = excluded.budget, enforcement = excluded.enforcement, expiry_from = excluded.expiry_from,
  description = excluded.description, created_by = excluded.created_by, retired_at = excluded.retired_at,
  monthly_price = excluded.monthly_price
