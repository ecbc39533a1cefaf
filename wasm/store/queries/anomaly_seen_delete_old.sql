-- Retention: what was noted of hours that are done. Cron. Index: anomaly_seen primary key.
-- ?1 how many
DELETE FROM anomaly_seen WHERE (hour, license_id, what, name) IN (SELECT hour, license_id, what, name FROM anomaly_seen
  WHERE hour < (SELECT hour FROM anomaly_walk WHERE id = 1) ORDER BY hour LIMIT CAST(?1 AS INTEGER))
