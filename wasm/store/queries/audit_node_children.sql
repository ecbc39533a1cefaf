-- The 256 nodes of which the next one of a level is made, in order; none while one of them is missing.
-- Index: audit_nodes primary key.
-- ?1 the level of the children
SELECT number, hash FROM audit_nodes
WHERE level = CAST(?1 AS INTEGER)
  AND number >= (SELECT ifnull(max(number) + 1, 0) FROM audit_nodes WHERE level = CAST(?1 AS INTEGER) + 8) * 256
  AND EXISTS (SELECT 1 FROM audit_nodes e WHERE e.level = CAST(?1 AS INTEGER) AND e.number =
    (SELECT ifnull(max(number) + 1, 0) FROM audit_nodes WHERE level = CAST(?1 AS INTEGER) + 8) * 256 + 255)
ORDER BY number LIMIT 256
