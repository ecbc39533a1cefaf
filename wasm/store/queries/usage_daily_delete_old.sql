-- Retention. Cron. Index: usage_daily_by_day.
-- ?1 the first day that is kept, ?2 how many
DELETE FROM usage_daily WHERE (license_id, day, provider, model, machine_id) IN
  (SELECT license_id, day, provider, model, machine_id FROM usage_daily WHERE day < CAST(?1 AS INTEGER)
    ORDER BY day LIMIT CAST(?2 AS INTEGER))
