-- A page of alerts in one state, newest first. Index: alerts_by_state.
-- ?1 id after which to go on, ?2 page rows, ?3 severity or NULL, ?4 state, ?5 kind or NULL
SELECT id, kind, subject, severity, level, state, details, count, first_at, last_at, snoozed_until, acted_by, acted_at,
  resolved_at
FROM alerts WHERE state = ?4 AND id < ?1 AND (?3 IS NULL OR severity = ?3) AND (?5 IS NULL OR kind = ?5)
ORDER BY id DESC LIMIT CAST(?2 AS INTEGER)
