-- Drops what waits for a webhook whose receiver is gone. Index: webhook_deliveries_by_webhook.
-- ?1 webhook
UPDATE webhook_deliveries SET state = 'dropped', due_at = NULL, last_error = 'the receiver is gone'
WHERE webhook_id = ?1 AND due_at IS NOT NULL
