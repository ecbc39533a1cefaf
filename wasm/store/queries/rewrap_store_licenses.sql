-- Blobs sealed anew, each where the row still holds the old one. Index: licenses primary key.
-- ?1 JSON array of {id, old, fresh}
UPDATE licenses SET holder = w.fresh
FROM (SELECT value ->> 'id' AS id, value ->> 'old' AS old, value ->> 'fresh' AS fresh FROM json_each(?1)) w
WHERE licenses.id = w.id AND holder = w.old
