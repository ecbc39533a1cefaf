-- The licence of a code, where KV's copy is older than its row: as license_list_behind_kv gives it. Indexes:
-- licenses.code_hash, machines and license_spend primary keys.
-- ?1 code hash, ?2 today, ?3 the month's first day
SELECT l.id, l.code_hash, l.status, l.plan,
  ifnull(l.expires_at, (SELECT min(m.first_seen_at) FROM machines m WHERE m.license_id = l.id)
    + l.first_use_days * 86400000) AS expires_at,
  l.version, l.providers, l.deliveries, l.requests_per_hour, l.budget,
  CASE WHEN l.budget IS NOT NULL THEN (SELECT cost FROM license_spend
    WHERE license_id = l.id AND day = CAST(?2 AS INTEGER)) END AS today,
  CASE WHEN l.budget IS NOT NULL THEN (SELECT CAST(min(total(cost), 9007199254740992) AS INTEGER) FROM license_spend
    WHERE license_id = l.id AND day >= CAST(?3 AS INTEGER)) END AS month,
  CASE WHEN l.budget IS NOT NULL THEN (SELECT CAST(min(total(cost), 9007199254740992) AS INTEGER) FROM license_spend
    WHERE license_id = l.id) END AS total,
  (SELECT json_group_array(m.machine_hash) FROM machines m
    WHERE m.license_id = l.id AND m.released_at IS NULL) AS machines,
  (SELECT json_group_array(c.value) FROM json_each(l.replaced_codes) c
    WHERE NOT EXISTS (SELECT 1 FROM licenses o WHERE o.code_hash = c.value)) AS replaced_codes
FROM licenses l WHERE l.code_hash = ?1 AND l.version > l.kv_version
