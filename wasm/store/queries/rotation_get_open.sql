-- The open rotation of a provider. Index: rotations_open.
-- ?1 provider
SELECT * FROM rotations WHERE provider = ?1 AND state IN ('staged', 'verified', 'published')
