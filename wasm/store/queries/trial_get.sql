-- The trial that somebody was given, and the licence that has the code a trial would get: two rows at most.
-- Indexes: licenses.trial_of, licenses.code_hash.
-- ?1 hash of whom, ?2 code hash
SELECT id, code_hash, status, expires_at, plan, 1 AS is_trial FROM licenses WHERE trial_of = ?1
UNION ALL
SELECT id, code_hash, status, expires_at, plan, 0 FROM licenses WHERE code_hash = ?2 AND ifnull(trial_of <> ?1, 1)
