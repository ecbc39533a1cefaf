-- The key ring. Index: provider_keys_published.
SELECT id, provider, version, sealed, ring_version, created_at, ifnull(published_at, created_at) AS published_at
FROM provider_keys WHERE state = 'published' ORDER BY provider
