-- The records behind the hashed part of the tree, oldest first. Indexes: audit_log primary key, audit_nodes primary key.
-- ?1 how many at most
SELECT * FROM audit_log WHERE seq > (SELECT ifnull(max(number) + 1, 0) FROM audit_nodes WHERE level = 8) * 256
ORDER BY seq LIMIT CAST(?1 AS INTEGER)
