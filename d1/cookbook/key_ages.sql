-- The provider keys in use that D1 holds, oldest first: when was each published.
-- Reads all published keys.
-- @columns provider, version integer, published time, age_days integer
-- @plot bars provider age_days
SELECT provider, version, datetime(ifnull(published_at, created_at) / 1000, 'unixepoch') AS published,
  (strftime('%s', 'now') * 1000 - ifnull(published_at, created_at)) / 86400000 AS age_days
FROM provider_keys INDEXED BY provider_keys_published WHERE state = 'published' ORDER BY age_days DESC
