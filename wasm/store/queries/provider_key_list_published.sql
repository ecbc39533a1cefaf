-- The key ring. Index: provider_keys_published.
SELECT id, provider, version, sealed, ring_version, created_at FROM provider_keys WHERE state = 'published'
ORDER BY provider
