-- A restore has ended. Nothing where it doesn't stand right before its last line. Index: restores primary key.
-- ?1 backup, ?2 its last line, ?3 now
UPDATE restores SET state = 'done', line = CAST(?2 AS INTEGER), ended_at = CAST(?3 AS INTEGER)
WHERE backup_id = ?1 AND state = 'running' AND line = ?2 - 1 AND end_line = ?2
RETURNING line
