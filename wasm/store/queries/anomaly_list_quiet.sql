-- Licences and addresses whose last alarm is long ago. Cron. Indexes: anomaly_trails_alarmed, anomaly_addresses_alarmed.
-- ?1 alarmed before this hour, ?2 how many of each
SELECT license_id, NULL AS address_hash FROM (SELECT license_id FROM anomaly_trails
  WHERE alarm_hour < CAST(?1 AS INTEGER) LIMIT CAST(?2 AS INTEGER))
UNION ALL SELECT NULL, address_hash FROM (SELECT address_hash FROM anomaly_addresses
  WHERE alarm_hour < CAST(?1 AS INTEGER) LIMIT CAST(?2 AS INTEGER))
