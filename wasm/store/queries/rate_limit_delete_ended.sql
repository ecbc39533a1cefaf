-- Retention: windows that have ended. Cron. Index: rate_limits_by_window.
-- ?1 windows up to this one have ended, ?2 how many
DELETE FROM rate_limits WHERE subject IN
  (SELECT subject FROM rate_limits WHERE window <= CAST(?1 AS INTEGER) ORDER BY window LIMIT CAST(?2 AS INTEGER))
