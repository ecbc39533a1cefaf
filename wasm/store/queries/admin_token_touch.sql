-- When a token was last used, to the hour. Index: admin_tokens primary key.
-- ?1 id, ?2 now
UPDATE admin_tokens SET last_used_at = max(ifnull(last_used_at, 0), CAST(?2 AS INTEGER)) WHERE id = ?1
