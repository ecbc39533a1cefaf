-- Reserves a key for the request that is about to run. One that another request has stays as it is,
-- unless it is past its day, or its owner died on the same request. Index: idempotency_keys primary key.
-- ?1 key hash, ?2 route, ?3 request hash, ?4 owner, ?5 now, ?6 owners that began up to this time have died,
-- ?7 keys made up to this time are past their day
INSERT INTO idempotency_keys (key_hash, route, request_hash, state, owner, reserved_at, created_at)
VALUES (?1, ?2, ?3, 'in_flight', ?4, CAST(?5 AS INTEGER), CAST(?5 AS INTEGER))
ON CONFLICT (key_hash) DO UPDATE SET route = excluded.route, request_hash = excluded.request_hash,
  state = 'in_flight', owner = excluded.owner, status = NULL, answer = NULL,
  reserved_at = excluded.reserved_at, created_at = iif(created_at <= ?7, excluded.created_at, created_at)
WHERE created_at <= ?7 OR (state = 'in_flight' AND request_hash = excluded.request_hash AND reserved_at <= ?6)
