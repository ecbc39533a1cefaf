-- The next state of a rotation, if it is still as it was read. Index: rotations primary key.
-- ?1 id, ?2 revision presumed, ?3 state, ?4 verdict, ?5 its detail, ?6 verified at, ?7 published at,
-- ?8 grace ends at, ?9 verdict on the old key, ?10 its time, ?11 failure, ?12 due at, ?13 ended at, ?14 now,
-- ?15 1: it is published in the ring as it is now
UPDATE rotations SET revision = revision + 1, state = ?3, verdict = ?4, verdict_detail = ?5,
  verified_at = CAST(?6 AS INTEGER), published_at = CAST(?7 AS INTEGER), grace_ends_at = CAST(?8 AS INTEGER),
  old_verdict = ?9, old_verdict_at = CAST(?10 AS INTEGER), failure = ?11, due_at = CAST(?12 AS INTEGER),
  ended_at = CAST(?13 AS INTEGER), updated_at = CAST(?14 AS INTEGER),
  ring_version = iif(?15 = 1, (SELECT s.ring_version FROM state s), ring_version)
WHERE id = ?1 AND revision = ?2
RETURNING *
