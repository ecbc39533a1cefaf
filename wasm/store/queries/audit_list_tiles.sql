-- The records of the next whole tiles of 256 that have no hash yet, oldest first; none where the next is not whole.
-- Indexes: audit_log primary key, audit_nodes primary key.
-- ?1 how many at most, a multiple of 256
SELECT * FROM audit_log
WHERE seq > (SELECT ifnull(max(number) + 1, 0) FROM audit_nodes WHERE level = 8) * 256
  AND (SELECT max(seq) FROM audit_log) >= (SELECT ifnull(max(number) + 2, 1) FROM audit_nodes WHERE level = 8) * 256
ORDER BY seq LIMIT CAST(?1 AS INTEGER)
