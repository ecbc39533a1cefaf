-- What an admin changed of a webhook, where it is as it was read. Index: webhooks primary key.
-- ?1 id, ?2 revision presumed, ?3 name, ?4 sealed, ?5 hint, ?6 events, ?7 min_severity, ?8 state, ?9 old secret until or
-- NULL, ?10 now
UPDATE webhooks SET revision = revision + 1, name = ?3, sealed = ?4, hint = ?5, events = ?6, min_severity = ?7,
  state = ?8, old_secret_until = CAST(?9 AS INTEGER), updated_at = CAST(?10 AS INTEGER)
WHERE id = ?1 AND revision = ?2
RETURNING id
