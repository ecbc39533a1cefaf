-- Rotations, newest first: ids are in order of time. Index: rotations primary key.
-- ?1 how many
SELECT * FROM rotations WHERE id > '' ORDER BY id DESC LIMIT CAST(?1 AS INTEGER)
