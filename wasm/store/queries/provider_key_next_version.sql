-- Index: provider_keys (provider, version).
-- ?1 provider
SELECT COALESCE(max(version), 1) + 1 AS version FROM provider_keys WHERE provider = ?1
