-- Blobs sealed anew, each where the row still holds the old one. Index: webhooks primary key.
-- ?1 JSON array of {id, old, fresh}
UPDATE webhooks SET sealed = w.fresh
FROM (SELECT value ->> 'id' AS id, value ->> 'old' AS old, value ->> 'fresh' AS fresh FROM json_each(?1)) w
WHERE webhooks.id = w.id AND sealed = w.old
