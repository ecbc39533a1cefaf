-- One message. Index: webhook_deliveries primary key, webhooks primary key.
-- ?1 id
SELECT id, webhook_id, alert_id, type, state, attempts, due_at, last_status, last_error, created_at, delivered_at,
  (SELECT w.state FROM webhooks w WHERE w.id = webhook_id) AS webhook_state
FROM webhook_deliveries WHERE id = ?1
