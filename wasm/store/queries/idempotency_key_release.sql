-- Gives a key back after a failure that may pass. Index: idempotency_keys primary key.
-- ?1 key hash, ?2 owner
DELETE FROM idempotency_keys WHERE key_hash = ?1 AND owner = ?2 AND state = 'in_flight'
