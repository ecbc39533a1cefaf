-- Licences after an hour, if the run is the batch's own. Indexes: primary keys of anomaly_walk and anomaly_trails.
-- ?1 JSON array of rows, ?2 run
INSERT INTO anomaly_trails (license_id, trail, hour, score, has_baseline, reasons, alarm_hour, alarm_score,
  alarm_reasons, scored_at)
SELECT value ->> 'license_id', value -> 'trail', value ->> 'hour', value ->> 'score', value ->> 'has_baseline',
  value -> 'reasons', value ->> 'alarm_hour', value ->> 'alarm_score', value -> 'alarm_reasons', value ->> 'scored_at'
FROM json_each(?1) WHERE (SELECT run FROM anomaly_walk WHERE id = 1) = ?2
ON CONFLICT (license_id) DO UPDATE SET trail = excluded.trail, hour = excluded.hour, score = excluded.score,
  has_baseline = excluded.has_baseline, reasons = excluded.reasons, alarm_hour = excluded.alarm_hour,
  alarm_score = excluded.alarm_score, alarm_reasons = excluded.alarm_reasons, scored_at = excluded.scored_at
