-- The rotation that this idempotency key began. Index: rotations.idempotency_hash.
-- ?1 hash of the idempotency key
SELECT * FROM rotations WHERE idempotency_hash = ?1
