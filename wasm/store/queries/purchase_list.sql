-- A page of purchases, newest first. Indexes: purchases primary key, payment_deliveries_by_purchase.
-- ?1 id after which to go on, ?2 provider or NULL, ?3 page rows
SELECT p.*, (SELECT d.state FROM payment_deliveries d WHERE d.purchase_id = p.id ORDER BY d.id DESC LIMIT 1)
  AS delivery_state FROM purchases p WHERE p.id < ?1 AND (?2 IS NULL OR p.provider = ?2)
ORDER BY p.id DESC LIMIT CAST(?3 AS INTEGER)
