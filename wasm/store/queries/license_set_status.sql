-- Changes a licence's status if nobody changed the row since it was read. Index: licenses primary key.
-- ?1 id, ?2 version presumed, ?3 status, ?4 reason or NULL, ?5 now
UPDATE licenses SET status = ?3, status_reason = ?4, version = version + 1, updated_at = CAST(?5 AS INTEGER)
WHERE id = ?1 AND version = ?2
RETURNING version
