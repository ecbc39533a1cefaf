-- What KV now holds. Where a row has moved on since it was read, two runs may have written in either
-- order and nobody knows what KV holds: its version moves, so that it is written again. Index:
-- licenses primary key.
-- ?1 JSON array of {id, version}
UPDATE licenses SET kv_version = iif(licenses.version = w.version, w.version, kv_version),
  version = licenses.version + (licenses.version <> w.version)
FROM (SELECT value ->> 'id' AS id, value ->> 'version' AS version FROM json_each(?1)) w
WHERE licenses.id = w.id
RETURNING licenses.id, licenses.code_hash
