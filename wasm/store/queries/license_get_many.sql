-- Licences just made, for the answer. Index: licenses primary key.
-- ?1 JSON array of ids
SELECT * FROM license_details WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY id
