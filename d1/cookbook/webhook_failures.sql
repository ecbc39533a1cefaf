-- Messages of the last week that a webhook did not take.
-- Index: webhook_deliveries_by_time.
-- @parameter days integer 1 3650 Of the last so many days.
-- @columns created time, webhook, type, state, attempts integer, last_status integer, last_error, alert_id, id
WITH parameter(days) AS (VALUES (7))
SELECT datetime(d.created_at / 1000, 'unixepoch') AS created, w.name AS webhook, d.type, d.state, d.attempts, d.last_status,
  d.last_error, d.alert_id, d.id
FROM parameter CROSS JOIN webhook_deliveries d LEFT JOIN webhooks w ON w.id = d.webhook_id
WHERE d.created_at > (unixepoch() - days * 86400) * 1000 AND d.last_error IS NOT NULL
ORDER BY d.created_at DESC LIMIT 200
