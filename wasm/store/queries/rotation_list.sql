-- Rotations, newest first: ids are in order of time. Index: rotations primary key.
-- ?1 before this id, ?2 how many
SELECT * FROM rotations WHERE id < ?1 ORDER BY id DESC LIMIT CAST(?2 AS INTEGER)
