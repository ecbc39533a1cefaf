-- Moves ring_version or epoch. Index: settings primary key.
-- ?1 name
UPDATE settings SET value = value + 1 WHERE name = ?1 RETURNING value
