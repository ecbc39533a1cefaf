-- A webhook took a message. Index: webhooks primary key.
-- ?1 id, ?2 now
UPDATE webhooks SET failures = 0, last_delivered_at = CAST(?2 AS INTEGER) WHERE id = ?1
