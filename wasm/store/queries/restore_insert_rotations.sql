-- A slice of a restore; nothing where that doesn't stand right before this line. Made by tests/native/backup/tables_test.cc.
-- Index: rotations primary key.
-- ?1 JSON array of rows, ?2 backup, ?3 line
INSERT INTO rotations (id, provider, state, revision, from_version, to_version, key_id, material_hash,
  idempotency_hash, must_verify, is_emergency, grace_days, ends_by, publish_at, verdict, verdict_detail,
  verified_at, published_at, ring_version, grace_ends_at, old_verdict, old_verdict_at, failure, due_at, actor,
  created_at, updated_at, ended_at)
SELECT value ->> 'id', value ->> 'provider', value ->> 'state', value ->> 'revision',
  value ->> 'from_version', value ->> 'to_version', value ->> 'key_id', value ->> 'material_hash',
  value ->> 'idempotency_hash', value ->> 'must_verify', value ->> 'is_emergency', value ->> 'grace_days',
  value ->> 'ends_by', value ->> 'publish_at', value ->> 'verdict', value ->> 'verdict_detail',
  value ->> 'verified_at', value ->> 'published_at', value ->> 'ring_version', value ->> 'grace_ends_at',
  value ->> 'old_verdict', value ->> 'old_verdict_at', value ->> 'failure', value ->> 'due_at',
  value ->> 'actor', value ->> 'created_at', value ->> 'updated_at', value ->> 'ended_at'
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
