-- A new webhook, unless there are too many. Index: webhooks (a handful).
-- ?1 id, ?2 name, ?3 sealed, ?4 hint, ?5 events, ?6 min_severity, ?7 actor, ?8 now, ?9 how many there may be
INSERT INTO webhooks (id, name, sealed, hint, events, min_severity, state, created_by, created_at, updated_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, 'active', ?7, CAST(?8 AS INTEGER), CAST(?8 AS INTEGER)
WHERE (SELECT count(*) FROM webhooks) < ?9
RETURNING id
