-- The certificate of a slice of re-pricing: an audit row if, and only if, the table is still in force and each event
-- still has the cost that it was read with. The statements after it look for it. POST /admin/prices/reprice.
-- Indexes: audit_log (request_id, item), prices and usage_events primary keys.
-- ?1 at, ?2 request id, ?3 actor, ?4 address hash, ?5 country, ?6 user agent, ?7 details, ?8 version of the table,
-- ?9 JSON array of [seq, cost read, cost now], ?10 its length
INSERT INTO audit_log (at, request_id, action, outcome, actor, address_hash, country, user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, 'prices.repriced', 'done', ?3, ?4, ?5, ?6, ?7
WHERE (SELECT ifnull(max(version), 0) FROM prices) = CAST(?8 AS INTEGER)
  AND (SELECT count(*) FROM json_each(?9) c CROSS JOIN usage_events e NOT INDEXED
    WHERE e.seq = c.value ->> 0 AND e.cost IS c.value ->> 1) = CAST(?10 AS INTEGER)
