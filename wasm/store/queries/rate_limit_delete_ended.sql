-- Retention: windows that ended. Cron. Index: rate_limits_by_start.
-- ?1 the newest start that has ended, ?2 how many
DELETE FROM rate_limits WHERE subject IN
  (SELECT subject FROM rate_limits WHERE window_start <= CAST(?1 AS INTEGER) ORDER BY window_start LIMIT CAST(?2 AS INTEGER))
