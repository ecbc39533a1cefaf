-- Index: audit_checkpoints primary key.
-- ?1 size
SELECT size, root, note, at FROM audit_checkpoints WHERE size = CAST(?1 AS INTEGER)
