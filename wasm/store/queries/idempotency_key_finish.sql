-- Keeps the answer, unless the request was so slow that another took its key over. Index:
-- idempotency_keys primary key.
-- ?1 key hash, ?2 owner, ?3 status, ?4 sealed answer
UPDATE idempotency_keys SET state = 'done', status = CAST(?3 AS INTEGER), answer = ?4
WHERE key_hash = ?1 AND owner = ?2 AND state = 'in_flight'
