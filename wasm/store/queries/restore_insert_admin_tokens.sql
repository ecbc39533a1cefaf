-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: admin_tokens primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO admin_tokens (id, name, token_hash, hint, scopes, manages_tokens, expires_at, revoked_at,
  created_by, created_at, last_used_at)
SELECT value ->> 'id', value ->> 'name', value ->> 'token_hash', value ->> 'hint', value ->> 'scopes',
  value ->> 'manages_tokens', value ->> 'expires_at', value ->> 'revoked_at', value ->> 'created_by',
  value ->> 'created_at', value ->> 'last_used_at'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
