-- A generated code on its way to the seller, if the purchase was settled by this attempt.
-- Index: purchases.purchase_key.
-- ?1 id, ?2 sealed payload, ?3 now, ?4 purchase key, ?5 the attempt
INSERT INTO payment_deliveries (id, purchase_id, state, payload, due_at, created_at)
SELECT ?1, id, 'due', ?2, CAST(?3 AS INTEGER), CAST(?3 AS INTEGER) FROM purchases
WHERE purchase_key = ?4 AND settled_by = ?5
