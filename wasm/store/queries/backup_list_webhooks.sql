-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: webhooks primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(id) AS key, json_object('id', id, 'name', name, 'sealed', sealed, 'hint', hint,
  'events', events, 'min_severity', min_severity, 'state', state, 'failures', failures,
  'old_secret_until', old_secret_until, 'revision', revision, 'created_by', created_by,
  'created_at', created_at, 'updated_at', updated_at, 'last_delivered_at', last_delivered_at) AS row
FROM webhooks WHERE id > (?1 ->> 0) ORDER BY id
LIMIT CAST(?2 AS INTEGER)
