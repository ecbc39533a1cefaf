-- Takes messages that are due, for so long that this run is over by then. Index: webhook_deliveries_due, webhooks primary
-- key.
-- ?1 now, ?2 when another run may take them, ?3 how many
UPDATE webhook_deliveries SET attempts = attempts + 1, due_at = CAST(?2 AS INTEGER)
WHERE id IN (SELECT id FROM webhook_deliveries WHERE due_at <= ?1 ORDER BY due_at LIMIT CAST(?3 AS INTEGER))
RETURNING id, webhook_id, type, body, attempts,
  (SELECT sealed FROM webhooks WHERE webhooks.id = webhook_deliveries.webhook_id) AS sealed,
  (SELECT old_secret_until FROM webhooks WHERE webhooks.id = webhook_deliveries.webhook_id) AS old_secret_until,
  (SELECT failures FROM webhooks WHERE webhooks.id = webhook_deliveries.webhook_id) AS failures
