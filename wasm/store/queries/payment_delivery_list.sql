-- How the codes of a purchase stand. Index: payment_deliveries_by_purchase.
-- ?1 purchase
SELECT id, state, attempts, due_at, last_error, created_at, delivered_at, payload IS NOT NULL AS has_payload
FROM payment_deliveries WHERE purchase_id = ?1 ORDER BY id DESC LIMIT 20
