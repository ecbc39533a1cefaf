-- A test message, which this run has already; none where the webhook was changed meanwhile. Index: webhooks primary key.
-- ?1 id, ?2 webhook, ?3 type, ?4 body, ?5 how long this run has it, ?6 now, ?7 revision presumed
INSERT INTO webhook_deliveries (id, webhook_id, type, body, state, attempts, due_at, created_at)
SELECT ?1, id, ?3, ?4, 'due', 1, CAST(?5 AS INTEGER), CAST(?6 AS INTEGER) FROM webhooks WHERE id = ?2 AND revision = ?7
RETURNING id
