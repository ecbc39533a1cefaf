-- One alert. Index: alerts primary key.
-- ?1 id
SELECT id, kind, subject, severity, level, state, details, count, first_at, last_at, snoozed_until, acted_by, acted_at,
  resolved_at
FROM alerts WHERE id = ?1 AND state <> 'pending'
