-- The signed heads of that tree. Indexes: audit_checkpoints primary key, restores primary key, restores_running.
-- ?1 backup
DELETE FROM audit_checkpoints
WHERE size >= 0 AND NOT EXISTS (SELECT 1 FROM restores WHERE backup_id = ?1 OR state = 'running')
