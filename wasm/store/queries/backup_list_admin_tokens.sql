-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: admin_tokens primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(id) AS key, json_object('id', id, 'name', name, 'token_hash', token_hash, 'hint', hint,
  'scopes', scopes, 'manages_tokens', manages_tokens, 'expires_at', expires_at, 'revoked_at', revoked_at,
  'created_by', created_by, 'created_at', created_at, 'last_used_at', last_used_at) AS row
FROM admin_tokens WHERE id > (?1 ->> 0) ORDER BY id
LIMIT CAST(?2 AS INTEGER)
