-- Where a walk stands, of the run that has it. Index: payment_reconciles primary key.
-- ?1 provider, ?2 the lease, ?3 when it goes on, ?4 begun at or NULL, ?5 how far back or NULL, ?6 cursor or NULL,
-- ?7 when the last whole walk began or NULL, ?8 when our key was refused or NULL
UPDATE payment_reconciles SET lease_until = 0, next_at = CAST(?3 AS INTEGER), begun_at = CAST(?4 AS INTEGER),
  from_at = CAST(?5 AS INTEGER), cursor = ?6, done_at = CAST(?7 AS INTEGER), refused_at = CAST(?8 AS INTEGER)
WHERE provider = ?1 AND lease_until = ?2
