-- All webhooks, oldest first: a handful. Index: webhooks primary key.
SELECT id, name, sealed, hint, events, min_severity, state, failures, old_secret_until, revision, created_by, created_at,
  updated_at, last_delivered_at
FROM webhooks ORDER BY id
