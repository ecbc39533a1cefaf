-- What KV now holds. Where a row has moved on since it was read, two runs may have written in either
-- order and nobody knows what KV holds: its version moves, so that it is written again. A copy
-- written under a code that was replaced meanwhile is one more to bury. Index: licenses primary key.
-- ?1 JSON array of {id, version, code_hash, blocked_until}
UPDATE licenses SET kv_version = iif(licenses.version = w.version, w.version, kv_version),
  version = licenses.version + (licenses.version <> w.version),
  replaced_codes = iif(licenses.code_hash <> w.code_hash, json_insert(ifnull(replaced_codes, '[]'), '$[#]', w.code_hash),
    iif(licenses.version = w.version, NULL, replaced_codes)),
  kv_blocked_until = w.blocked_until
FROM (SELECT value ->> 'id' AS id, value ->> 'version' AS version, value ->> 'code_hash' AS code_hash,
    value ->> 'blocked_until' AS blocked_until
  FROM json_each(?1)) w
WHERE licenses.id = w.id
RETURNING licenses.id, licenses.code_hash
