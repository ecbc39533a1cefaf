-- Addresses after an hour, if the run is the batch's own. Indexes: primary keys of anomaly_walk and anomaly_addresses.
-- ?1 JSON array of rows, ?2 run
INSERT INTO anomaly_addresses (address_hash, tries, hour, score, reasons, alarm_hour, scored_at)
SELECT value ->> 'address_hash', value -> 'tries', value ->> 'hour', value ->> 'score', value -> 'reasons',
  value ->> 'alarm_hour', value ->> 'scored_at'
FROM json_each(?1) WHERE (SELECT run FROM anomaly_walk WHERE id = 1) = ?2
ON CONFLICT (address_hash) DO UPDATE SET tries = excluded.tries, hour = excluded.hour, score = excluded.score,
  reasons = excluded.reasons, alarm_hour = excluded.alarm_hour, scored_at = excluded.scored_at
