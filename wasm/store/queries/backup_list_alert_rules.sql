-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: alert_rules primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(kind) AS key, json_object('kind', kind, 'enabled', enabled, 'severity', severity,
  'updated_by', updated_by, 'updated_at', updated_at) AS row
FROM alert_rules WHERE kind > (?1 ->> 0) ORDER BY kind
LIMIT CAST(?2 AS INTEGER)
