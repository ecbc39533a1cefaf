-- What cron has to look at. Index: rotations_due.
-- ?1 now, ?2 how many
SELECT * FROM rotations WHERE due_at <= ?1 ORDER BY due_at LIMIT CAST(?2 AS INTEGER)
