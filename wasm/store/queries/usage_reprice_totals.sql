-- Brings differences in cost into everybody's sums: those of events that a row holds already. The others bring their new
-- cost with them, and a row that retention took stays away. POST /admin/prices/reprice.
-- Indexes: audit_log (request_id, item), usage_events and usage_totals primary keys.
-- ?1 JSON array of [seq, cost read, cost now], ?2 request id of the certificate
INSERT INTO usage_totals (hour, plan, provider, model, requests, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens,
  cost, unpriced, seq)
SELECT e.at / 3600000, e.plan, e.provider, e.model, 0, 0, 0, 0, 0,
  CAST(max(min(total(ifnull(c.value ->> 2, 0) - ifnull(c.value ->> 1, 0)), 9007199254740992), -9007199254740992)
    AS INTEGER), sum((c.value ->> 2 IS NULL) - (c.value ->> 1 IS NULL)), 0
FROM json_each(?1) c CROSS JOIN usage_events e NOT INDEXED
WHERE e.seq = c.value ->> 0 AND e.cost IS c.value ->> 1
  AND EXISTS (SELECT 1 FROM audit_log WHERE request_id = CAST(?2 AS TEXT) AND item = 0)
  AND e.seq <= (SELECT s.seq FROM usage_totals s WHERE s.hour = e.at / 3600000 AND s.plan = e.plan AND s.provider = e.provider AND s.model = e.model)
GROUP BY e.at / 3600000, e.plan, e.provider, e.model
ON CONFLICT DO UPDATE SET cost = max(min(cost + excluded.cost, 9007199254740992), 0),
  unpriced = unpriced + excluded.unpriced
