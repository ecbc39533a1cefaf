-- A slice of the sealed keys, to be sealed anew. Index: provider_keys primary key.
-- ?1 after this id, ?2 how many
SELECT id, provider, version, sealed FROM provider_keys WHERE id > ?1 ORDER BY id LIMIT CAST(?2 AS INTEGER)
