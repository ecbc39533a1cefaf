-- Codes to hand over now. Index: payment_deliveries_due.
-- ?1 now, ?2 how many
SELECT id, payload, attempts FROM payment_deliveries WHERE due_at <= ?1 ORDER BY due_at LIMIT CAST(?2 AS INTEGER)
