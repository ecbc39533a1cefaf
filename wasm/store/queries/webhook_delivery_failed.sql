-- A message was not taken. Index: webhook_deliveries primary key.
-- ?1 id, ?2 how long this run has it, ?3 status or NULL, ?4 why, ?5 when it is tried again, NULL: it is given up
UPDATE webhook_deliveries SET state = iif(?5 IS NULL, 'failed', 'due'), due_at = CAST(?5 AS INTEGER),
  last_status = CAST(?3 AS INTEGER), last_error = ?4 WHERE id = ?1 AND due_at = ?2
