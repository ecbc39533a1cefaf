-- Where licences stand from now on, if the run is the batch's own. Indexes: primary keys of sharing_walk and sharing.
-- ?1 JSON array of rows, ?2 run
INSERT INTO sharing (license_id, trail, score, level, level_at, quiet_since, throttled_to, ignored_until, reasons, seen,
  scored_at, due_at)
SELECT value ->> 'license_id', value -> 'trail', value ->> 'score', value ->> 'level', value ->> 'level_at',
  value ->> 'quiet_since', value ->> 'throttled_to', value ->> 'ignored_until', value -> 'reasons', value -> 'seen',
  value ->> 'scored_at', value ->> 'due_at'
FROM json_each(?1) WHERE (SELECT run FROM sharing_walk WHERE id = 1) = ?2
ON CONFLICT (license_id) DO UPDATE SET trail = excluded.trail, score = excluded.score, level = excluded.level,
  level_at = excluded.level_at, quiet_since = excluded.quiet_since, throttled_to = excluded.throttled_to,
  ignored_until = excluded.ignored_until, reasons = excluded.reasons, seen = excluded.seen,
  scored_at = excluded.scored_at, due_at = excluded.due_at
