-- Brings differences in cost into the hourly sums: those of events that a row holds already. The others bring their new
-- cost with them, and a row that retention took stays away. POST /admin/prices/reprice.
-- Indexes: audit_log (request_id, item), usage_events and usage_hourly primary keys.
-- ?1 JSON array of [seq, cost read, cost now], ?2 request id of the certificate
INSERT INTO usage_hourly (license_id, hour, provider, model, machine_id, requests, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens,
  cost, unpriced, seq)
SELECT e.license_id, e.at / 3600000, e.provider, e.model, e.machine_id, 0, 0, 0, 0, 0,
  CAST(max(min(total(ifnull(c.value ->> 2, 0) - ifnull(c.value ->> 1, 0)), 9007199254740992), -9007199254740992)
    AS INTEGER), sum((c.value ->> 2 IS NULL) - (c.value ->> 1 IS NULL)), 0
FROM json_each(?1) c CROSS JOIN usage_events e NOT INDEXED
WHERE e.seq = c.value ->> 0 AND e.cost IS c.value ->> 1
  AND EXISTS (SELECT 1 FROM audit_log WHERE request_id = CAST(?2 AS TEXT) AND item = 0)
  AND e.seq <= (SELECT s.seq FROM usage_hourly s WHERE s.license_id = e.license_id AND s.hour = e.at / 3600000 AND s.provider = e.provider AND s.model = e.model AND s.machine_id = e.machine_id)
GROUP BY e.license_id, e.at / 3600000, e.provider, e.model, e.machine_id
ON CONFLICT DO UPDATE SET cost = max(min(cost + excluded.cost, 9007199254740992), 0),
  unpriced = unpriced + excluded.unpriced
