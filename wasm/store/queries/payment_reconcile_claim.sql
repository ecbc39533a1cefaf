-- Takes the next slice of a provider's walk, unless another run has it. Index: payment_reconciles primary key.
-- ?1 provider, ?2 now, ?3 until when it is ours
UPDATE payment_reconciles SET lease_until = CAST(?3 AS INTEGER)
WHERE provider = ?1 AND next_at <= ?2 AND lease_until <= ?2
RETURNING *
