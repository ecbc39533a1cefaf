-- The new cost of events whose differences the sums have. POST /admin/prices/reprice.
-- Indexes: audit_log (request_id, item), usage_events primary key.
-- ?1 JSON array of [seq, cost read, cost now], ?2 request id of the certificate, ?3 version of the table
UPDATE usage_events SET cost = c.value ->> 2, price_version = CAST(?3 AS INTEGER)
FROM json_each(?1) c
WHERE usage_events.seq = c.value ->> 0 AND usage_events.cost IS c.value ->> 1
  AND EXISTS (SELECT 1 FROM audit_log WHERE request_id = CAST(?2 AS TEXT) AND item = 0)
