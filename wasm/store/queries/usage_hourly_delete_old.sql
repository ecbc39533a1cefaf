-- Retention. Cron. Index: usage_hourly_by_hour.
-- ?1 the first hour that is kept, ?2 how many
DELETE FROM usage_hourly WHERE (license_id, hour, provider, model, machine_id) IN
  (SELECT license_id, hour, provider, model, machine_id FROM usage_hourly WHERE hour < CAST(?1 AS INTEGER)
    ORDER BY hour LIMIT CAST(?2 AS INTEGER))
