-- The walk goes on at the end of the log, where a restore ends: the trails come with the backup. One row; index:
-- restores primary key.
-- ?1 backup, ?2 line
UPDATE anomaly_walk SET audit_seq = (SELECT ifnull(max(seq), 0) FROM audit_log), revision = revision + 1
WHERE id = 1 AND EXISTS (SELECT 1 FROM restores WHERE backup_id = ?1 AND state = 'running' AND line = ?2 - 1)
