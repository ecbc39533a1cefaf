-- The nodes of the right edge of the hashed part of the tree, in no order: with the records behind it its head is made.
-- Index: audit_nodes primary key.
SELECT level, number, hash FROM audit_nodes
WHERE level = 24 AND number < (SELECT ifnull(max(number) + 1, 0) FROM audit_nodes WHERE level = 8) >> 16
UNION ALL SELECT level, number, hash FROM audit_nodes
WHERE level = 16 AND number >= ((SELECT ifnull(max(number) + 1, 0) FROM audit_nodes WHERE level = 8) >> 16) << 8
  AND number < (SELECT ifnull(max(number) + 1, 0) FROM audit_nodes WHERE level = 8) >> 8
UNION ALL SELECT level, number, hash FROM audit_nodes
WHERE level = 8 AND number >= ((SELECT ifnull(max(number) + 1, 0) FROM audit_nodes WHERE level = 8) >> 8) << 8
