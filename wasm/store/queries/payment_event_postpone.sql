-- Says when an event is taken up again. Index: payment_events.id.
-- ?1 id, ?2 when, NULL: never
UPDATE payment_events SET due_at = CAST(?2 AS INTEGER), attempts = attempts + 1 WHERE id = ?1
