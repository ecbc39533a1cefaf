-- Posts a message again with the next run of cron, under the same id, if its webhook is active. Indexes:
-- webhook_deliveries primary key, webhooks primary key.
-- ?1 id, ?2 now
UPDATE webhook_deliveries SET state = 'due', attempts = 0, due_at = CAST(?2 AS INTEGER)
WHERE id = ?1 AND EXISTS (SELECT 1 FROM webhooks w WHERE w.id = webhook_id AND w.state = 'active')
RETURNING id
