-- Blobs sealed anew, each where the row still holds the old one. Index: payment_deliveries primary key.
-- ?1 JSON array of {id, old, fresh}
UPDATE payment_deliveries SET payload = w.fresh
FROM (SELECT value ->> 'id' AS id, value ->> 'old' AS old, value ->> 'fresh' AS fresh FROM json_each(?1)) w
WHERE payment_deliveries.id = w.id AND payload = w.old
