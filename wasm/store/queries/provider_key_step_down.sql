-- The key that a rotation replaces leaves the ring: into its grace, or, in an emergency, deleted. Nothing where
-- the rotation is not as it was read. Indexes: provider_keys_published, rotations primary key.
-- ?1 provider, ?2 now, ?3 rotation, ?4 revision presumed, ?5 1: delete it
UPDATE provider_keys SET state = iif(?5 = 1, 'retired', 'grace'), sealed = iif(?5 = 1, NULL, sealed),
  retired_at = iif(?5 = 1, CAST(?2 AS INTEGER), NULL)
WHERE provider = ?1 AND state = 'published' AND EXISTS (SELECT 1 FROM rotations WHERE id = ?3 AND revision = ?4)
