-- Retention: single events that are in the sums. Cron. The oldest come first by primary key; the newest row stays
-- whatever its age, so that no seq is ever given twice.
-- ?1 the newest time of coming in that is too old, ?2 how many
DELETE FROM usage_events WHERE seq IN
  (SELECT seq FROM (SELECT seq, received_at FROM usage_events ORDER BY seq LIMIT CAST(?2 AS INTEGER))
    WHERE received_at < ?1)
  AND seq < (SELECT max(seq) FROM usage_events) AND seq <= (SELECT usage_rolled_seq FROM state)
