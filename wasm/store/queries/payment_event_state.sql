-- What became of an event so far. Index: payment_events.id.
-- ?1 id
SELECT state FROM payment_events WHERE id = ?1
