-- A new version of a provider's key that is not in the ring yet. Two at once collide on (provider, version), and
-- the second batch rolls back. Index: provider_keys (provider, version).
-- ?1 id, ?2 provider, ?3 version, ?4 sealed, ?5 now
INSERT INTO provider_keys (id, provider, version, state, sealed, ring_version, created_at)
VALUES (?1, ?2, CAST(?3 AS INTEGER), 'staged', ?4, 0, CAST(?5 AS INTEGER))
