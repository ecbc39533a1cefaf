-- The facts a provision is decided on, as they were before it. One row, always.
-- Indexes: licenses.code_hash, plans and machines primary keys, settings primary key.
-- ?1 code hash or NULL, ?2 machine hash
SELECT l.id AS license_id, l.status, l.expires_at, l.plan, l.version,
  p.providers, p.deliveries, COALESCE(l.max_machines, p.max_machines) AS max_machines,
  (SELECT count(*) FROM machines m WHERE m.license_id = l.id AND m.released_at IS NULL) AS seats_used,
  EXISTS (SELECT 1 FROM machines m
    WHERE m.license_id = l.id AND m.machine_hash = ?2 AND m.released_at IS NULL) AS has_seat,
  (SELECT value FROM settings WHERE name = 'ring_version') AS ring_version,
  (SELECT value FROM settings WHERE name = 'epoch') AS epoch
FROM (SELECT 1) LEFT JOIN licenses l ON l.code_hash = ?1
  LEFT JOIN plans p ON p.name = l.plan AND p.version = l.plan_version
