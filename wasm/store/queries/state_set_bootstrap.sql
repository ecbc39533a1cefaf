-- Switches ADMIN_TOKEN on or off: off only while a live token can make others. One row; index:
-- admin_tokens_managing.
-- ?1 1 for on, ?2 now
UPDATE state SET bootstrap_enabled = CAST(?1 AS INTEGER)
WHERE bootstrap_enabled <> ?1 AND (?1 = 1 OR EXISTS (SELECT 1 FROM admin_tokens t WHERE t.manages_tokens = 1
    AND t.revoked_at IS NULL AND ifnull(t.expires_at > ?2, 1)))
RETURNING bootstrap_enabled
