-- A slice of the sealed codes on their way, to be sealed anew. Index: payment_deliveries primary key.
-- ?1 after this id, ?2 how many
SELECT id, payload AS sealed FROM payment_deliveries WHERE id > ?1 ORDER BY id LIMIT CAST(?2 AS INTEGER)
