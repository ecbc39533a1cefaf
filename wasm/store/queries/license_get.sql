-- Index: licenses primary key.
-- ?1 id
SELECT * FROM license_details WHERE id = ?1
