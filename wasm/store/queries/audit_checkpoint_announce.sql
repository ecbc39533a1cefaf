-- A message to each webhook that keeps checkpoints, of one that the next statement stores; none of one that is there, nor
-- while a restore is running. Indexes: webhooks (a handful), audit_checkpoints primary key, restores_running.
-- ?1 the batch, msg_..., ?2 size, ?3 note, ?4 now
INSERT INTO webhook_deliveries (id, webhook_id, type, body, state, due_at, created_at)
SELECT ?1 || printf('%04d', row_number() OVER ()), webhooks.id, 'audit.checkpoint',
  json_object('type', 'audit.checkpoint',
    'timestamp', strftime('%Y-%m-%dT%H:%M:%SZ', CAST(?4 AS INTEGER) / 1000, 'unixepoch'),
    'data', json_object('checkpoint', ?3, 'size', CAST(?2 AS INTEGER))),
  'due', CAST(?4 AS INTEGER), CAST(?4 AS INTEGER)
FROM webhooks
WHERE webhooks.state = 'active' AND EXISTS (SELECT 1 FROM json_each(webhooks.events) e WHERE e.value = 'audit_checkpoint')
  AND NOT EXISTS (SELECT 1 FROM audit_checkpoints WHERE size = CAST(?2 AS INTEGER))
  AND NOT EXISTS (SELECT 1 FROM restores WHERE state = 'running')
