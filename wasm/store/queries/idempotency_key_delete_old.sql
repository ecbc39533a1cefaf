-- Retention. Cron. Index: idempotency_keys_by_time.
-- ?1 keys made up to this time are past their day, ?2 how many
DELETE FROM idempotency_keys WHERE key_hash IN
  (SELECT key_hash FROM idempotency_keys WHERE created_at <= CAST(?1 AS INTEGER) ORDER BY created_at
    LIMIT CAST(?2 AS INTEGER))
