-- The seller has the code: it goes from here. Index: payment_deliveries primary key.
-- ?1 id, ?2 now
UPDATE payment_deliveries SET state = 'delivered', payload = NULL, due_at = NULL, attempts = attempts + 1,
  last_error = NULL, delivered_at = CAST(?2 AS INTEGER) WHERE id = ?1 AND payload IS NOT NULL
