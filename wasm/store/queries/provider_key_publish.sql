-- A new version of a provider's key, one after its newest. The Worker secret counts as
-- version 1. Two at once collide on (provider, version), and the second batch rolls back.
-- Index: provider_keys (provider, version).
-- ?1 id, ?2 provider, ?3 version, ?4 sealed, ?5 now
INSERT INTO provider_keys (id, provider, version, state, sealed, ring_version, created_at, published_at)
SELECT ?1, ?2, CAST(?3 AS INTEGER), 'published', ?4, ring_version, CAST(?5 AS INTEGER), CAST(?5 AS INTEGER)
FROM state
