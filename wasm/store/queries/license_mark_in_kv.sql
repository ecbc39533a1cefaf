-- What KV now holds. Index: licenses primary key.
-- ?1 JSON array of {id, version}
UPDATE licenses SET kv_version = (SELECT value ->> 'version' FROM json_each(?1) WHERE value ->> 'id' = licenses.id)
WHERE id IN (SELECT value ->> 'id' FROM json_each(?1))
