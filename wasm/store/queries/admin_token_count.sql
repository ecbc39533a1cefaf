-- Before a token is made: whether a live one has its name, and how many are live, to a bound.
-- Index: admin_tokens_by_name.
-- ?1 name, ?2 now, ?3 bound
SELECT EXISTS (SELECT 1 FROM admin_tokens WHERE name = ?1 AND revoked_at IS NULL AND ifnull(expires_at > ?2, 1))
    AS is_taken,
  (SELECT count(*) FROM (SELECT 1 FROM admin_tokens WHERE revoked_at IS NULL AND ifnull(expires_at > ?2, 1)
    LIMIT CAST(?3 AS INTEGER))) AS num_live
