-- Says that a rotation publishes a key; nothing where it is not as it was read. Index: rotations primary key.
-- ?1 rotation, ?2 revision presumed
UPDATE state SET ring_version = ring_version + 1 WHERE EXISTS (SELECT 1 FROM rotations WHERE id = ?1 AND revision = ?2)
