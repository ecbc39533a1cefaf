-- A page of a webhook's messages, newest first. Index: webhook_deliveries_by_webhook.
-- ?1 webhook, ?2 id after which to go on, ?3 page rows
SELECT id, webhook_id, alert_id, type, state, attempts, due_at, last_status, last_error, created_at, delivered_at, 'active' AS webhook_state
FROM webhook_deliveries WHERE webhook_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT CAST(?3 AS INTEGER)
