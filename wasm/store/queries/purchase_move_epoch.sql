-- Says that a licence may do less from now on, if the purchase was settled by this attempt.
-- Index: purchases.purchase_key.
-- ?1 purchase key, ?2 the attempt
UPDATE state SET epoch = epoch + 1 WHERE EXISTS (SELECT 1 FROM purchases WHERE purchase_key = ?1 AND settled_by = ?2)
