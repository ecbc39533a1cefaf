-- Refuses a token for good. Not the last live one that manages tokens while ADMIN_TOKEN is off: nobody
-- could make another. Indexes: admin_tokens primary key, admin_tokens_managing.
-- ?1 id, ?2 now
UPDATE admin_tokens SET revoked_at = CAST(?2 AS INTEGER)
WHERE id = ?1 AND revoked_at IS NULL AND (
  manages_tokens = 0 OR (SELECT bootstrap_enabled FROM state) = 1 OR EXISTS (
    SELECT 1 FROM admin_tokens t WHERE t.manages_tokens = 1 AND t.revoked_at IS NULL
      AND ifnull(t.expires_at > ?2, 1) AND t.id <> ?1))
RETURNING id
