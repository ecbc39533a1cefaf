-- Retention: licences that nobody used for long. Cron. Index: anomaly_trails_by_hour.
-- ?1 the first hour that is kept, ?2 how many
DELETE FROM anomaly_trails WHERE license_id IN (SELECT license_id FROM anomaly_trails
  WHERE hour < CAST(?1 AS INTEGER) AND alarm_hour IS NULL ORDER BY hour LIMIT CAST(?2 AS INTEGER))
