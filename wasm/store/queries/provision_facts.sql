-- The facts a provision or a status call is decided on, after counting and before anything else
-- changes: a row for each machine that holds a seat, one row where there is none.
-- Indexes: licenses.code_hash, rate_limits and machines primary keys.
-- ?1 code hash or NULL, ?2 address subject
SELECT s.ring_version, s.epoch, i.window AS address_window, i.over_recorded AS address_over,
  r.window AS license_window, r.over_recorded AS license_over,
  l.id, l.status, l.expires_at, l.plan, l.providers, l.deliveries, l.max_machines,
  m.machine_hash, m.fernet_key, m.ring_version AS held_ring_version, m.secrets_tag AS held_secrets_tag
FROM state s CROSS JOIN rate_limits i LEFT JOIN licenses l ON l.code_hash = ?1
  LEFT JOIN rate_limits r ON r.subject = l.id
  LEFT JOIN machines m ON m.license_id = l.id AND m.released_at IS NULL
WHERE i.subject = ?2
