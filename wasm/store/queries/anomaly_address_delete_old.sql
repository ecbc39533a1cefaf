-- Retention: addresses that tried nothing for a day and whose alarm is over. Cron. Index: anomaly_addresses_by_hour.
-- ?1 the first hour that is kept, ?2 how many
DELETE FROM anomaly_addresses WHERE address_hash IN (SELECT address_hash FROM anomaly_addresses
  WHERE hour < CAST(?1 AS INTEGER) AND alarm_hour IS NULL ORDER BY hour LIMIT CAST(?2 AS INTEGER))
