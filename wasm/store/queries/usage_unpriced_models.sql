-- Models without a price in a run of events. Cron. Index: usage_events primary key.
-- ?1 behind this event, ?2 up to this one, ?3 how many
SELECT DISTINCT provider, model FROM usage_events NOT INDEXED
WHERE seq > CAST(?1 AS INTEGER) AND seq <= CAST(?2 AS INTEGER) AND cost IS NULL LIMIT CAST(?3 AS INTEGER)
