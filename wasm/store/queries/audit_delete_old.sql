-- Retention. Cron. The log is in order of time, so the oldest rows come first by primary key. The
-- newest row stays whatever its age, so that no seq is ever given twice.
-- ?1 the newest time that is too old, ?2 how many
DELETE FROM audit_log WHERE seq IN
  (SELECT seq FROM (SELECT seq, at FROM audit_log ORDER BY seq LIMIT CAST(?2 AS INTEGER)) WHERE at < ?1)
  AND seq < (SELECT max(seq) FROM audit_log)
