-- Asks for a provision: counts the request, certifies the grant and claims the seat, all by the
-- trigger of d1/0013_usage.sql, and brings back the facts as they are then.
-- POST /keys/provision; POST /keys/status and POST /machines/release, with ?9 = 0, which grants nothing.
-- No parameter stands beside a column: D1's SQLite then plans the statement anew at every call.
-- Indexes: licenses.code_hash, audit_log.request_id, rate_limits and machines primary keys.
-- The parameters are the view's columns:
-- ?1 now, ?2 request id, ?3 code hash or NULL, ?4 machine hash, ?5 address hash, ?6 country,
-- ?7 user agent, ?8 details, ?9 delivery bit, ?10 licence of the receipt or NULL,
-- ?11 address subject, ?12 a window that begins now with one hit, ?13 windows up to this one have ended,
-- ?14 address limit, ?15 licence limit, ?16 machine id for a new row, ?17 app version, ?18 secrets tag,
-- ?19 today, ?20 the first day of this month
INSERT INTO provision_v3
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
RETURNING (SELECT json_object(
    'is_certified', EXISTS (SELECT 1 FROM audit_log WHERE request_id = provision_v3.request_id),
    'ring_version', s.ring_version, 'epoch', s.epoch,
    'address_window', i.window, 'address_over', i.over_recorded,
    'license_window', r.window, 'license_over', r.over_recorded,
    'id', l.id, 'status', l.status, 'expires_at', l.expires_at, 'first_use_days', l.first_use_days,
    'plan', l.plan, 'requests_per_hour', l.requests_per_hour,
    'providers', json(l.providers), 'deliveries', l.deliveries, 'max_machines', l.max_machines,
    'seats_used', (SELECT count(*) FROM machines
      WHERE license_id = l.id AND (released_at IS NULL OR seat_held_until > provision_v3.now)),
    'seated_at', m.seated_at, 'released_at', m.released_at, 'seat_held_until', m.seat_held_until,
    'fernet_key', m.fernet_key, 'held_ring_version', m.ring_version, 'held_secrets_tag', m.secrets_tag,
    'budget', l.budget, 'spent', iif(l.budget IS NULL OR l.budget ->> 'enforcement' = 'track', NULL, json_array(
      (SELECT min(total(cost), 9007199254740992) FROM license_spend WHERE license_id = l.id AND day = provision_v3.today),
      (SELECT min(total(cost), 9007199254740992) FROM license_spend WHERE license_id = l.id AND day >= provision_v3.month_start),
      (SELECT min(total(cost), 9007199254740992) FROM license_spend WHERE license_id = l.id))),
    'ring_version_before', m.ring_version_before, 'secrets_tag_before', m.secrets_tag_before)
  FROM state s CROSS JOIN rate_limits i LEFT JOIN licenses l ON l.code_hash = provision_v3.code_hash
    LEFT JOIN rate_limits r ON r.subject = l.id
    LEFT JOIN machines m ON m.license_id = l.id AND m.machine_hash = provision_v3.machine_hash
      AND (m.released_at IS NULL OR m.seat_held_until > provision_v3.now)
  WHERE i.subject = provision_v3.address_subject) AS facts
