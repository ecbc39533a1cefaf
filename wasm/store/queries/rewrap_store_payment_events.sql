-- Blobs sealed anew, each where the row still holds the old one. Index: payment_events.id.
-- ?1 JSON array of {id, old, fresh}
UPDATE payment_events SET email = w.fresh
FROM (SELECT value ->> 'id' AS id, value ->> 'old' AS old, value ->> 'fresh' AS fresh FROM json_each(?1)) w
WHERE payment_events.id = w.id AND email = w.old
