-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: rotations primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(id) AS key, json_object('id', id, 'provider', provider, 'state', state,
  'revision', revision, 'from_version', from_version, 'to_version', to_version, 'key_id', key_id,
  'material_hash', material_hash, 'idempotency_hash', idempotency_hash, 'must_verify', must_verify,
  'is_emergency', is_emergency, 'grace_days', grace_days, 'ends_by', ends_by, 'publish_at', publish_at,
  'verdict', verdict, 'verdict_detail', verdict_detail, 'verified_at', verified_at,
  'published_at', published_at, 'ring_version', ring_version, 'grace_ends_at', grace_ends_at,
  'old_verdict', old_verdict, 'old_verdict_at', old_verdict_at, 'failure', failure, 'due_at', due_at,
  'actor', actor, 'created_at', created_at, 'updated_at', updated_at, 'ended_at', ended_at) AS row
FROM rotations WHERE id > (?1 ->> 0) ORDER BY id
LIMIT CAST(?2 AS INTEGER)
