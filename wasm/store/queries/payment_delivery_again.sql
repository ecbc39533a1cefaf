-- Hands the newest code of a purchase over again, where it is still here. Index: payment_deliveries_by_purchase.
-- ?1 purchase, ?2 now
UPDATE payment_deliveries SET state = 'due', attempts = 0, due_at = CAST(?2 AS INTEGER)
WHERE id = (SELECT max(id) FROM payment_deliveries WHERE purchase_id = ?1) AND payload IS NOT NULL
RETURNING id
