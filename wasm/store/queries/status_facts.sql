-- What a known machine was last given, beside the licence. One row, always.
-- Indexes: licenses.code_hash, plans and machines primary keys, settings primary key.
-- ?1 code hash or NULL, ?2 machine hash
SELECT l.id AS license_id, l.status, l.expires_at, l.plan, p.providers,
  m.ring_version AS held_ring_version, m.secrets_tag AS held_secrets_tag,
  (SELECT value FROM settings WHERE name = 'ring_version') AS ring_version,
  (SELECT value FROM settings WHERE name = 'epoch') AS epoch
FROM (SELECT 1) LEFT JOIN licenses l ON l.code_hash = ?1
  LEFT JOIN plans p ON p.name = l.plan AND p.version = l.plan_version
  LEFT JOIN machines m ON m.license_id = l.id AND m.machine_hash = ?2 AND m.released_at IS NULL
