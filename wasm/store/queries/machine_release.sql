-- Frees a seat, and one that cools down at once. Index: machines.id.
-- ?1 machine id, ?2 version presumed, ?3 now
UPDATE machines SET released_at = ifnull(released_at, CAST(?3 AS INTEGER)), seat_held_until = NULL,
  version = version + 1
WHERE id = ?1 AND version = ?2
RETURNING id
