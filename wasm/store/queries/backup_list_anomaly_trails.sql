-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: anomaly_trails primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(license_id) AS key, json_object('license_id', license_id, 'trail', trail, 'hour', hour,
  'score', score, 'has_baseline', has_baseline, 'reasons', reasons, 'alarm_hour', alarm_hour,
  'alarm_score', alarm_score, 'alarm_reasons', alarm_reasons, 'scored_at', scored_at) AS row
FROM anomaly_trails WHERE license_id > (?1 ->> 0) ORDER BY license_id
LIMIT CAST(?2 AS INTEGER)
