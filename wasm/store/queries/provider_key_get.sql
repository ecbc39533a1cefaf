-- Index: provider_keys (provider, version).
-- ?1 provider, ?2 version
SELECT id, provider, version, state, sealed FROM provider_keys WHERE provider = ?1 AND version = ?2
