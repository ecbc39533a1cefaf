-- The version before a new one: its sealed key is deleted. Index: provider_keys_published.
-- ?1 provider, ?2 now, ?3 version presumed for the new one
UPDATE provider_keys SET state = 'retired', sealed = NULL, retired_at = CAST(?2 AS INTEGER)
WHERE provider = ?1 AND state = 'published'
  AND (SELECT COALESCE(max(version), 1) + 1 FROM provider_keys WHERE provider = ?1) = ?3
