-- Changes licences of which nobody changed the row since it was read. Index: licenses primary key.
-- ?1 JSON array of rows, ?2 now
UPDATE licenses SET status = w.status, status_reason = w.status_reason, plan = w.plan,
  plan_version = w.plan_version, providers = w.providers, deliveries = w.deliveries,
  max_machines = w.max_machines, expires_at = w.expires_at, first_use_days = w.first_use_days,
  overrides = w.overrides, budget = w.budget, note = w.note, version = licenses.version + 1, updated_at = CAST(?2 AS INTEGER)
FROM (SELECT value ->> 'id' AS id, value ->> 'version' AS version, value ->> 'status' AS status,
    value ->> 'status_reason' AS status_reason, value ->> 'plan' AS plan,
    value ->> 'plan_version' AS plan_version, value ->> 'providers' AS providers,
    value ->> 'deliveries' AS deliveries, value ->> 'max_machines' AS max_machines,
    value ->> 'expires_at' AS expires_at, value ->> 'first_use_days' AS first_use_days,
    value ->> 'overrides' AS overrides, value ->> 'budget' AS budget, value ->> 'note' AS note FROM json_each(?1)) w
WHERE licenses.id = w.id AND licenses.version = w.version
RETURNING licenses.id
