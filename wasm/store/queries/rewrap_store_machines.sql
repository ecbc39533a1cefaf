-- Blobs sealed anew, each where the row still holds the old one. Index: machines.id.
-- ?1 JSON array of {id, old, fresh}
UPDATE machines SET fernet_key = w.fresh
FROM (SELECT value ->> 'id' AS id, value ->> 'old' AS old, value ->> 'fresh' AS fresh FROM json_each(?1)) w
WHERE machines.id = w.id AND fernet_key = w.old
