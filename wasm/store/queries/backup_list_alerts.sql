-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: alerts primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(id) AS key, json_object('id', id, 'kind', kind, 'subject', subject, 'severity', severity,
  'level', level, 'state', state, 'details', details, 'count', count, 'needed', needed, 'first_at', first_at,
  'last_at', last_at, 'snoozed_until', snoozed_until, 'notice', notice, 'acted_by', acted_by,
  'acted_at', acted_at, 'resolved_at', resolved_at) AS row
FROM alerts WHERE id > (?1 ->> 0) ORDER BY id
LIMIT CAST(?2 AS INTEGER)
