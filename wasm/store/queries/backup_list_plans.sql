-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: plans primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(name, version) AS key, json_object('name', name, 'version', version, 'providers', providers,
  'deliveries', deliveries, 'max_machines', max_machines, 'license_days', license_days,
  'created_at', created_at, 'models', models, 'limits', limits, 'budget', budget, 'enforcement', enforcement,
  'expiry_from', expiry_from, 'description', description, 'created_by', created_by, 'retired_at', retired_at,
  'monthly_price', monthly_price) AS row
FROM plans WHERE (name, version) > (?1 ->> 0, ?1 ->> 1) ORDER BY name, version
LIMIT CAST(?2 AS INTEGER)
