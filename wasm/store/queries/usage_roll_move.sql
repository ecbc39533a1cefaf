-- Says that a run of events was walked, if nobody else said so. Cron.
-- ?1 events up to this one were walked, ?2 now those up to this one are
UPDATE state SET usage_rolled_seq = CAST(?2 AS INTEGER) WHERE usage_rolled_seq = CAST(?1 AS INTEGER)
