-- Says that KV must follow these licences, as license_touch does for one, of which nothing changed that admins see.
-- Index: licenses primary key.
-- ?1 JSON array of licence ids
UPDATE licenses SET version = version + 1 WHERE id IN (SELECT value FROM json_each(?1))
