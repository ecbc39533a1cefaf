-- Retention. Cron. The oldest whole tiles of 256 records that have a hash: what is left can still be proved, and the
-- newest row stays whatever its age, so that no seq is ever given twice. None while a restore is running. Where the
-- last row of the oldest tile is young no other is read.
-- Indexes: audit_log primary key, audit_nodes primary key, restores_running.
-- ?1 from when on rows are kept, ?2 how many at most
DELETE FROM audit_log
WHERE seq <= min((SELECT ifnull(min(CASE WHEN at >= ?1 THEN seq - 1 END), max(seq)) FROM
    (SELECT seq, at FROM audit_log ORDER BY seq LIMIT CAST(?2 AS INTEGER) *
      ifnull((SELECT at FROM audit_log WHERE seq = (SELECT min(seq) + 255 FROM audit_log)) < ?1, 0)) old),
  (SELECT ifnull(max(number) + 1, 0) * 256 FROM audit_nodes WHERE level = 8),
  (SELECT max(seq) - 1 FROM audit_log)) / 256 * 256
AND NOT EXISTS (SELECT 1 FROM restores WHERE state = 'running')
