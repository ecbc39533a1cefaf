-- Models without a price in a run of events, some of each provider's. Cron. Index: usage_events primary key.
-- ?1 behind this event, ?2 up to this one, ?3 how many of a provider
SELECT provider, (SELECT json_group_array(model) FROM (SELECT DISTINCT model FROM usage_events NOT INDEXED
    WHERE seq > CAST(?1 AS INTEGER) AND seq <= CAST(?2 AS INTEGER) AND cost IS NULL AND provider = e.provider
    LIMIT CAST(?3 AS INTEGER))) AS models
FROM usage_events e NOT INDEXED
WHERE seq > CAST(?1 AS INTEGER) AND seq <= CAST(?2 AS INTEGER) AND cost IS NULL GROUP BY provider
