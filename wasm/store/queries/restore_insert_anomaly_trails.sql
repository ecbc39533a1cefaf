-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: anomaly_trails primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO anomaly_trails (license_id, trail, hour, score, has_baseline, reasons, alarm_hour, alarm_score,
  alarm_reasons, scored_at)
SELECT value ->> 'license_id', value ->> 'trail', value ->> 'hour', value ->> 'score',
  value ->> 'has_baseline', value ->> 'reasons', value ->> 'alarm_hour', value ->> 'alarm_score',
  value ->> 'alarm_reasons', value ->> 'scored_at'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
