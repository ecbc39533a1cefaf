-- Brings a run of events into the daily sums, those that are not in them. Cron.
-- Indexes: usage_events and usage_daily primary keys.
-- ?1 events up to this one were walked, ?2 now those up to this one are
INSERT INTO usage_daily (license_id, day, provider, model, machine_id, requests, input_tokens, output_tokens,
  cached_input_tokens, reasoning_tokens, cost, unpriced, seq)
SELECT e.license_id, e.at / 86400000, e.provider, e.model, e.machine_id, count(*), sum(e.input_tokens),
  sum(e.output_tokens), sum(e.cached_input_tokens), sum(e.reasoning_tokens),
  CAST(min(total(e.cost), 9007199254740992) AS INTEGER), count(*) - count(e.cost), max(e.seq)
FROM usage_events e NOT INDEXED
WHERE e.seq > CAST(?1 AS INTEGER) AND e.seq <= CAST(?2 AS INTEGER) AND e.seq > ifnull((SELECT s.seq
  FROM usage_daily s WHERE s.license_id = e.license_id AND s.day = e.at / 86400000 AND s.provider = e.provider AND s.model = e.model AND s.machine_id = e.machine_id), 0)
GROUP BY e.license_id, e.at / 86400000, e.provider, e.model, e.machine_id
ON CONFLICT DO UPDATE SET requests = requests + excluded.requests,
  input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens,
  cached_input_tokens = cached_input_tokens + excluded.cached_input_tokens,
  reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens,
  cost = min(cost + excluded.cost, 9007199254740992), unpriced = unpriced + excluded.unpriced, seq = excluded.seq
