-- Whether ADMIN_TOKEN counts, and whether a live token could make others without it and without one that is left
-- out. One row; index: admin_tokens_managing.
-- ?1 now, ?2 id of the token to leave out, or empty text
SELECT bootstrap_enabled, EXISTS (SELECT 1 FROM admin_tokens t WHERE t.manages_tokens = 1
    AND t.revoked_at IS NULL AND ifnull(t.expires_at > ?1, 1) AND t.id <> ?2) AS has_manager
FROM state
