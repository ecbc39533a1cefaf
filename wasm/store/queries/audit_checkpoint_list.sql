-- Signed heads, newest first. Index: audit_checkpoints primary key.
-- ?1 size before which to go on, ?2 page rows
SELECT size, root, note, at FROM audit_checkpoints WHERE size < CAST(?1 AS INTEGER)
ORDER BY size DESC LIMIT CAST(?2 AS INTEGER)
