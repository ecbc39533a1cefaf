-- A slice of a backup. Made by tests/native/backup/tables_test.cc. Index: license_spend primary key.
-- ?1 JSON array: the key after which to go on, ?2 how many
SELECT json_array(license_id, day) AS key, json_object('license_id', license_id, 'day', day,
  'requests', requests, 'cost', cost, 'unpriced', unpriced, 'seq', seq) AS row
FROM license_spend WHERE (license_id, day) > (?1 ->> 0, ?1 ->> 1) ORDER BY license_id, day
LIMIT CAST(?2 AS INTEGER)
