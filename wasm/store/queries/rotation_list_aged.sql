-- Published keys that are as old as a key may become, each with its provider's open rotation, if there is one.
-- Indexes: provider_keys_published, rotations_open.
-- ?1 published up to this time
SELECT k.provider AS key_provider, ifnull(k.published_at, k.created_at) AS key_published_at, r.*
FROM provider_keys k
LEFT JOIN rotations r ON r.provider = k.provider AND r.state IN ('staged', 'verified', 'published')
WHERE k.state = 'published' AND ifnull(k.published_at, k.created_at) <= ?1
