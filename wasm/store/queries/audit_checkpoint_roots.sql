-- The heads that lie in the next tiles that are hashed. Indexes: audit_checkpoints primary key, audit_nodes primary key.
-- ?1 how many records these hold at most
SELECT size, root FROM audit_checkpoints
WHERE size > (SELECT ifnull(max(number) + 1, 0) * 256 FROM audit_nodes WHERE level = 8)
  AND size <= (SELECT ifnull(max(number) + 1, 0) * 256 FROM audit_nodes WHERE level = 8) + CAST(?1 AS INTEGER)
ORDER BY size
