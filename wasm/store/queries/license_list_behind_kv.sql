-- Licences whose KV copy is older than their row, one of them first of all. A replaced code that
-- somebody has again is nobody's to bury. Indexes: licenses_behind_kv, licenses.code_hash, primary keys. Where the
-- first grant could not set the end, KV has it all the same.
-- ?1 how many, ?2 the one an act was about, or NULL, ?3 today, ?4 the month's first day
SELECT l.id, l.code_hash, l.status, l.plan,
  ifnull(l.expires_at, (SELECT min(m.first_seen_at) FROM machines m WHERE m.license_id = l.id)
    + l.first_use_days * 86400000) AS expires_at,
  l.version, l.providers, l.deliveries, l.requests_per_hour, l.budget,
  CASE WHEN l.budget IS NOT NULL THEN (SELECT cost FROM license_spend
    WHERE license_id = l.id AND day = CAST(?3 AS INTEGER)) END AS today,
  CASE WHEN l.budget IS NOT NULL THEN (SELECT CAST(min(total(cost), 9007199254740992) AS INTEGER) FROM license_spend
    WHERE license_id = l.id AND day >= CAST(?4 AS INTEGER)) END AS month,
  CASE WHEN l.budget IS NOT NULL THEN (SELECT CAST(min(total(cost), 9007199254740992) AS INTEGER) FROM license_spend
    WHERE license_id = l.id) END AS total,
  (SELECT json_group_array(m.machine_hash) FROM machines m
    WHERE m.license_id = l.id AND m.released_at IS NULL) AS machines,
  (SELECT json_group_array(c.value) FROM json_each(l.replaced_codes) c
    WHERE NOT EXISTS (SELECT 1 FROM licenses o WHERE o.code_hash = c.value)) AS replaced_codes
FROM licenses l WHERE l.version > l.kv_version AND l.id IN (
  SELECT ?2 UNION ALL
  SELECT id FROM (SELECT id FROM licenses WHERE version > kv_version LIMIT CAST(?1 AS INTEGER)))
