-- A slice of the sealed webhooks, to be sealed anew. Index: webhooks primary key.
-- ?1 after this id, ?2 how many
SELECT id, sealed FROM webhooks WHERE id > ?1 ORDER BY id LIMIT CAST(?2 AS INTEGER)
