-- Drops what waits for a webhook that takes nothing now. Indexes: webhook_deliveries_by_webhook, webhooks primary key.
-- ?1 webhook, ?2 the revision that it has if it was changed, NULL: it is gone, ?3 why
UPDATE webhook_deliveries SET state = 'dropped', due_at = NULL, last_error = ?3
WHERE webhook_id = ?1 AND due_at IS NOT NULL AND (SELECT w.revision FROM webhooks w WHERE w.id = ?1) IS ?2
