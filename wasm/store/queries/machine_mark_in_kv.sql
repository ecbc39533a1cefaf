-- The machines that KV now lists. Index: machines primary key.
-- ?1 JSON array of {id, machine}
UPDATE machines SET in_kv = 1 WHERE in_kv = 0 AND (license_id, machine_hash) IN
  (SELECT value ->> 'id', value ->> 'machine' FROM json_each(?1))
