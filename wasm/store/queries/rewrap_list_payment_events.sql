-- A slice of the sealed addresses of buyers, to be sealed anew. Index: payment_events.id.
-- ?1 after this id, ?2 how many
SELECT id, email AS sealed FROM payment_events WHERE id > ?1 ORDER BY id LIMIT CAST(?2 AS INTEGER)
