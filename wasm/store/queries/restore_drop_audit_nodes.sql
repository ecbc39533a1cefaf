-- The tree over the few records that a database held before a restore, which now go after those of the backup. Comes
-- before the restore begins. Indexes: audit_nodes primary key, restores primary key, restores_running.
-- ?1 backup
DELETE FROM audit_nodes
WHERE level > 0 AND NOT EXISTS (SELECT 1 FROM restores WHERE backup_id = ?1 OR state = 'running')
