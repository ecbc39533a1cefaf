-- Licences whose KV copy is older than their row, or lacks a machine. Indexes: licenses_behind_kv,
-- machines_behind_kv, primary keys.
-- ?1 how many
SELECT l.id, l.code_hash, l.status, l.expires_at, l.plan, l.version, p.providers, p.deliveries,
  COALESCE((SELECT json_group_array(m.machine_hash) FROM machines m
    WHERE m.license_id = l.id AND m.released_at IS NULL), '[]') AS machines
FROM licenses l JOIN plans p ON p.name = l.plan AND p.version = l.plan_version
WHERE l.id IN (
  SELECT id FROM (SELECT id FROM licenses WHERE version > kv_version LIMIT CAST(?1 AS INTEGER))
  UNION
  SELECT license_id FROM (SELECT license_id FROM machines WHERE in_kv = 0 AND released_at IS NULL
    LIMIT CAST(?1 AS INTEGER)))
LIMIT CAST(?1 AS INTEGER)
