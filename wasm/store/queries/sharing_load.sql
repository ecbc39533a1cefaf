-- Licences with their plans' limits and where they stand. Cron; GET and POST /admin/licenses/{license_id}/sharing.
-- Indexes: primary keys of licenses, plans and sharing.
-- ?1 JSON array of licence ids
SELECT l.id, l.code_hint, l.plan, l.status, l.version, l.max_machines, l.requests_per_hour, p.limits, s.trail,
  s.score, s.level, s.level_at, s.quiet_since, s.throttled_to, s.ignored_until, s.reasons, s.seen, s.scored_at, s.due_at
FROM json_each(?1) w CROSS JOIN licenses l ON l.id = w.value
  LEFT JOIN plans p ON p.name = l.plan AND p.version = l.plan_version
  LEFT JOIN sharing s ON s.license_id = l.id
