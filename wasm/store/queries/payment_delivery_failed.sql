-- The seller did not take the code. Index: payment_deliveries primary key.
-- ?1 id, ?2 why, ?3 when it is tried again, NULL: it is given up
UPDATE payment_deliveries SET attempts = attempts + 1, last_error = ?2, due_at = CAST(?3 AS INTEGER),
  state = iif(?3 IS NULL, 'given_up', state) WHERE id = ?1 AND payload IS NOT NULL
