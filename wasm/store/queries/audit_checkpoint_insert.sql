-- A signed head, unless its size has one. Index: audit_checkpoints primary key.
-- ?1 size, ?2 root, ?3 note, ?4 now
INSERT INTO audit_checkpoints (size, root, note, at)
VALUES (CAST(?1 AS INTEGER), ?2, ?3, CAST(?4 AS INTEGER)) ON CONFLICT DO NOTHING
