-- The version before a new one: its sealed key is deleted. Index: provider_keys_published.
-- ?1 provider, ?2 now
UPDATE provider_keys SET state = 'retired', sealed = NULL, retired_at = CAST(?2 AS INTEGER)
WHERE provider = ?1 AND state = 'published'
