-- The tables of prices without their rows, newest first, a page. GET /admin/prices/versions.
-- Index: prices primary key.
-- ?1 only those before this version, ?2 how many
SELECT version, note, created_at, created_by, json_array_length(body, '$.rows') AS num_rows FROM prices
WHERE version < CAST(?1 AS INTEGER) ORDER BY version DESC LIMIT CAST(?2 AS INTEGER)
