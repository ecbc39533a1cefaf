-- One purchase, and how its code's way to the seller stands. Indexes: purchases primary key,
-- payment_deliveries_by_purchase.
-- ?1 id
SELECT p.*, (SELECT d.state FROM payment_deliveries d WHERE d.purchase_id = p.id ORDER BY d.id DESC LIMIT 1)
  AS delivery_state FROM purchases p WHERE p.id = ?1
