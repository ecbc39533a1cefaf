-- The staged key of a rotation enters the ring as it is now; nothing where the rotation is not as it was read.
-- Indexes: provider_keys (provider, version), rotations primary key.
-- ?1 provider, ?2 version, ?3 rotation, ?4 revision presumed, ?5 now
UPDATE provider_keys SET state = 'published', ring_version = (SELECT s.ring_version FROM state s),
  published_at = CAST(?5 AS INTEGER)
WHERE provider = ?1 AND version = ?2 AND state = 'staged'
  AND EXISTS (SELECT 1 FROM rotations WHERE id = ?3 AND revision = ?4)
