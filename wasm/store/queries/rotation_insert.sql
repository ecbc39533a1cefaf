-- A rotation begins. A second open one of the provider fails the batch. Index: rotations_open.
-- ?1 id, ?2 provider, ?3 version served before or NULL, ?4 new version, ?5 id of the new key's row,
-- ?6 hash of the key, ?7 hash of the idempotency key or NULL, ?8 must it be verified, ?9 is it an emergency,
-- ?10 days of grace, ?11 ends by, ?12 publish at or NULL, ?13 due at or NULL, ?14 actor, ?15 now
INSERT INTO rotations (id, provider, state, from_version, to_version, key_id, material_hash, idempotency_hash,
  must_verify, is_emergency, grace_days, ends_by, publish_at, due_at, actor, created_at, updated_at)
VALUES (?1, ?2, 'staged', CAST(?3 AS INTEGER), CAST(?4 AS INTEGER), ?5, ?6, ?7, CAST(?8 AS INTEGER),
  CAST(?9 AS INTEGER), CAST(?10 AS INTEGER), ?11, CAST(?12 AS INTEGER), CAST(?13 AS INTEGER), ?14,
  CAST(?15 AS INTEGER), CAST(?15 AS INTEGER))
RETURNING *
