-- The first grant of a licence that ends so long after it sets its end, once. Index: licenses primary key.
-- ?1 licence id, ?2 now
UPDATE licenses SET expires_at = CAST(?2 AS INTEGER) + first_use_days * 86400000, version = version + 1,
  updated_at = CAST(?2 AS INTEGER)
WHERE id = ?1 AND expires_at IS NULL AND first_use_days IS NOT NULL
