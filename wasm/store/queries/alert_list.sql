-- A page of alerts, newest first. Index: alerts primary key.
-- ?1 id after which to go on, ?2 page rows, ?3 severity or NULL
SELECT id, kind, subject, severity, level, state, details, count, first_at, last_at, snoozed_until, acted_by, acted_at,
  resolved_at
FROM alerts WHERE id < ?1 AND state <> 'pending' AND (?3 IS NULL OR severity = ?3)
ORDER BY id DESC LIMIT CAST(?2 AS INTEGER)
