-- A line was taken by the statement before this one, which inserted its rows but those whose place was taken.
-- Nothing where the restore doesn't stand right before it. Index: restores primary key.
-- ?1 backup, ?2 line, ?3 its hash, ?4 how many rows it has
UPDATE restores SET line = CAST(?2 AS INTEGER), line_hash = ?3, skipped = skipped + CAST(?4 AS INTEGER) - changes()
WHERE backup_id = ?1 AND state = 'running' AND line = ?2 - 1
RETURNING skipped
