-- One table of prices. GET and PUT /admin/prices, GET /admin/prices/unpriced. Index: prices primary key.
-- ?1 version, or NULL for the newest
SELECT version, body, note, created_at, created_by FROM prices
WHERE version = ifnull(CAST(?1 AS INTEGER), (SELECT max(version) FROM prices))
