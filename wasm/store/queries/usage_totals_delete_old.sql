-- Retention. Cron. Index: usage_totals primary key.
-- ?1 the first hour that is kept, ?2 how many
DELETE FROM usage_totals WHERE (hour, plan, provider, model) IN
  (SELECT hour, plan, provider, model FROM usage_totals WHERE hour < CAST(?1 AS INTEGER)
    ORDER BY hour LIMIT CAST(?2 AS INTEGER))
