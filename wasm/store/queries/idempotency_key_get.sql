-- Index: idempotency_keys primary key.
-- ?1 key hash
SELECT request_hash, state, owner, status, answer FROM idempotency_keys WHERE key_hash = ?1
