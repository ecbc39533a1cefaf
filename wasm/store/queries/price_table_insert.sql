-- The next table of prices, if nobody made it meanwhile. PUT /admin/prices. Index: prices primary key.
-- ?1 the newest version as it was read, ?2 JSON, ?3 note or NULL, ?4 now, ?5 actor
INSERT INTO prices (version, body, note, created_at, created_by)
SELECT CAST(?1 AS INTEGER) + 1, ?2, ?3, CAST(?4 AS INTEGER), ?5
WHERE (SELECT ifnull(max(version), 0) FROM prices) = CAST(?1 AS INTEGER)
RETURNING version
