-- Licences whose score is to be made anew although nobody used them. Cron. Index: sharing_due.
-- ?1 now, ?2 how many
SELECT license_id FROM sharing WHERE due_at <= ?1 ORDER BY due_at LIMIT CAST(?2 AS INTEGER)
