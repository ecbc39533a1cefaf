-- A message was taken by its receiver. Index: webhook_deliveries primary key.
-- ?1 id, ?2 how long this run has it, ?3 status, ?4 now
UPDATE webhook_deliveries SET state = 'delivered', due_at = NULL, last_status = CAST(?3 AS INTEGER), last_error = NULL,
  delivered_at = CAST(?4 AS INTEGER) WHERE id = ?1 AND due_at = ?2
