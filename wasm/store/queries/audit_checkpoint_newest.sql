-- The newest signed head. Index: audit_checkpoints primary key.
SELECT size, root, note, at FROM audit_checkpoints WHERE size = (SELECT max(size) FROM audit_checkpoints)
