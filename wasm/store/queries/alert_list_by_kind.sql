-- A page of alerts of one kind, newest first. Index: alerts_by_kind.
-- ?1 id after which to go on, ?2 page rows, ?3 severity or NULL, ?4 kind
SELECT id, kind, subject, severity, level, state, details, count, first_at, last_at, snoozed_until, acted_by, acted_at,
  resolved_at
FROM alerts WHERE kind = ?4 AND id < ?1 AND state <> 'pending' AND (?3 IS NULL OR severity = ?3)
ORDER BY id DESC LIMIT CAST(?2 AS INTEGER)
