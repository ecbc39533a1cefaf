-- A key that nobody will be given: staged and given up, or past its grace. Nothing where the rotation is not as it
-- was read. Indexes: provider_keys (provider, version), rotations primary key.
-- ?1 provider, ?2 version, ?3 now, ?4 rotation, ?5 revision presumed
UPDATE provider_keys SET state = 'retired', sealed = NULL, retired_at = CAST(?3 AS INTEGER)
WHERE provider = ?1 AND version = ?2 AND state IN ('staged', 'grace')
  AND EXISTS (SELECT 1 FROM rotations WHERE id = ?4 AND revision = ?5)
