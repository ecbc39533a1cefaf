-- Whether ADMIN_TOKEN counts, and whether a live token could make others without it. One row; index:
-- admin_tokens_managing.
-- ?1 now
SELECT bootstrap_enabled, EXISTS (SELECT 1 FROM admin_tokens t WHERE t.manages_tokens = 1
    AND t.revoked_at IS NULL AND ifnull(t.expires_at > ?1, 1)) AS has_manager
FROM state
