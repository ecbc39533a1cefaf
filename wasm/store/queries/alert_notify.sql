-- A message to each webhook that wants it, of each alert whose notice is this batch. No webhook hears of its own failing.
-- Indexes: alerts_by_notice, webhooks (a handful).
-- ?1 the batch, msg_..., ?2 type of the message, ?3 now, ?4 JSON object of kind to {title, advice}
INSERT INTO webhook_deliveries (id, webhook_id, alert_id, type, body, state, due_at, created_at)
SELECT ?1 || printf('%04d', row_number() OVER ()), webhooks.id, alerts.id, ?2,
  json_object('type', ?2, 'timestamp', strftime('%Y-%m-%dT%H:%M:%SZ', CAST(?3 AS INTEGER) / 1000, 'unixepoch'),
    'data', json_object('alert_id', alerts.id, 'kind', alerts.kind, 'subject', alerts.subject,
      'severity', alerts.severity, 'level', alerts.level, 'state', alerts.state,
      'title', ?4 -> alerts.kind ->> 'title', 'advice', ?4 -> alerts.kind ->> 'advice',
      'details', json(alerts.details), 'count', alerts.count,
      'first_at', strftime('%Y-%m-%dT%H:%M:%SZ', alerts.first_at / 1000, 'unixepoch'),
      'last_at', strftime('%Y-%m-%dT%H:%M:%SZ', alerts.last_at / 1000, 'unixepoch'))),
  'due', CAST(?3 AS INTEGER), CAST(?3 AS INTEGER)
FROM alerts CROSS JOIN webhooks
WHERE alerts.notice = ?1 AND webhooks.state = 'active' AND alerts.subject <> webhooks.id
  AND instr('info warning critical', alerts.severity) >= instr('info warning critical', webhooks.min_severity)
  AND EXISTS (SELECT 1 FROM json_each(webhooks.events) e WHERE e.value IN ('*', alerts.kind))
