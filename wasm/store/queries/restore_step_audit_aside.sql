-- Makes room in the audit log for the rows of a backup, as a restore begins: what is there already goes after
-- them, in its order. The numbers are negative until the statement after this one. Index: audit_log primary key.
-- ?1 the backup's last seq, ?2 backup
UPDATE audit_log SET seq = -(seq + CAST(?1 AS INTEGER))
WHERE seq > 0 AND NOT EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 OR state = 'running')
