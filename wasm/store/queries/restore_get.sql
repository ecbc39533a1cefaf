-- How far a restore has come. Index: restores primary key.
-- ?1 backup
SELECT state, line, line_hash, end_line, accepts_loss, index_lost, skipped FROM restores WHERE backup_id = ?1
