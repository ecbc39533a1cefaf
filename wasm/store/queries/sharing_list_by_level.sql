-- The same of those at one level. Indexes: sharing_by_level, primary keys of licenses and plans.
-- ?1 score and ?2 licence id after which to go on, ?3 page rows, ?4 level
SELECT l.id, l.code_hint, l.plan, l.status, l.version, l.max_machines, l.requests_per_hour, p.limits, NULL AS trail,
  s.score, s.level, s.level_at, s.quiet_since, s.throttled_to, s.ignored_until, s.reasons, s.seen, s.scored_at, s.due_at
FROM sharing s CROSS JOIN licenses l ON l.id = s.license_id
  LEFT JOIN plans p ON p.name = l.plan AND p.version = l.plan_version
WHERE s.level = ?4 AND s.level <> 'none' AND (s.score, s.license_id) < (?1, ?2)
ORDER BY s.score DESC, s.license_id DESC LIMIT CAST(?3 AS INTEGER)
