-- A signed head, unless its size has one. None while a restore is running. Indexes: audit_checkpoints primary key,
-- restores_running.
-- ?1 size, ?2 root, ?3 note, ?4 now
INSERT INTO audit_checkpoints (size, root, note, at)
SELECT CAST(?1 AS INTEGER), ?2, ?3, CAST(?4 AS INTEGER)
WHERE NOT EXISTS (SELECT 1 FROM restores WHERE state = 'running') ON CONFLICT DO NOTHING
