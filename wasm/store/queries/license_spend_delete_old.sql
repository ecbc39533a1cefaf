-- Retention: the days that license_spend_fold_old.sql folded. Cron. Index: license_spend_by_day.
-- ?1 the first day that is kept, ?2 how many
DELETE FROM license_spend WHERE (license_id, day) IN
  (SELECT license_id, day FROM license_spend WHERE day > 0 AND day < CAST(?1 AS INTEGER)
    ORDER BY day, license_id LIMIT CAST(?2 AS INTEGER))
