-- The table of prices in force, where it is not the one that was presumed. POST /admin/prices/reprice. Index: prices primary key.
-- ?1 the version that was presumed
SELECT version, body FROM prices WHERE version = (SELECT max(version) FROM prices) AND version <> CAST(?1 AS INTEGER)
