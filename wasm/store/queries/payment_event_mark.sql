-- What became of events, of those that are as they were read. Index: payment_events primary key.
-- ?1 JSON array of {seq, at}, ?2 state, ?3 purchase key or NULL, ?4 the attempt that must have settled it
UPDATE payment_events SET state = ?2, due_at = NULL, attempts = 0
FROM (SELECT value ->> 'seq' AS seq, value ->> 'at' AS at FROM json_each(?1)) read
WHERE payment_events.seq = read.seq AND occurred_at = read.at AND unread = 0
  AND (?3 IS NULL AND state = 'new' OR EXISTS (SELECT 1 FROM purchases WHERE purchase_key = ?3 AND settled_by = ?4))
