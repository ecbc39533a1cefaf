-- Retention: what was noted of hours that are done. Cron. Index: anomaly_tries primary key.
-- ?1 how many
DELETE FROM anomaly_tries WHERE (hour, address_hash, code) IN (SELECT hour, address_hash, code FROM anomaly_tries
  WHERE hour < (SELECT hour FROM anomaly_walk WHERE id = 1) ORDER BY hour LIMIT CAST(?1 AS INTEGER))
