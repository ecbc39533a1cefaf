-- What is known of each provider's key: the published one of D1, the last check, an open rotation; for a list of
-- providers, as rows. GET /metrics, GET /admin/doctor. Indexes: provider_keys_published, rotations_open, key_checks
-- primary key.
-- ?1 JSON array of providers
SELECT value AS provider,
  (SELECT version FROM provider_keys WHERE provider = value AND state = 'published') AS version,
  (SELECT ifnull(published_at, created_at) FROM provider_keys WHERE provider = value AND state = 'published') AS published_at,
  (SELECT verdict FROM key_checks WHERE provider = value AND checked_at IS NOT NULL) AS verdict,
  (SELECT checked_at FROM key_checks WHERE provider = value) AS checked_at,
  (SELECT state FROM rotations WHERE provider = value AND state IN ('staged', 'verified', 'published')) AS rotation
FROM json_each(?1)
