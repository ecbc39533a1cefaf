-- Frees a seat. Releasing a released machine changes nothing. Index: machines.id.
-- ?1 machine id, ?2 now
UPDATE machines SET released_at = CAST(?2 AS INTEGER) WHERE id = ?1 AND released_at IS NULL
