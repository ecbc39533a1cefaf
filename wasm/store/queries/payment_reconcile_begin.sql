-- Has both walks begin anew with the next run of cron. Two rows, no index.
-- ?1 how far back, NULL: to where the last one began
UPDATE payment_reconciles SET next_at = 0, begun_at = NULL, cursor = NULL, from_at = CAST(?1 AS INTEGER)
