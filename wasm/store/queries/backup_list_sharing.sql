-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: sharing primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(license_id) AS key, json_object('license_id', license_id, 'trail', trail, 'score', score,
  'level', level, 'level_at', level_at, 'quiet_since', quiet_since, 'throttled_to', throttled_to,
  'ignored_until', ignored_until, 'reasons', reasons, 'seen', seen, 'scored_at', scored_at,
  'due_at', due_at) AS row
FROM sharing WHERE license_id > (?1 ->> 0) ORDER BY license_id
LIMIT CAST(?2 AS INTEGER)
