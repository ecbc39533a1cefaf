-- Index: rotations primary key.
-- ?1 id
SELECT * FROM rotations WHERE id = ?1
