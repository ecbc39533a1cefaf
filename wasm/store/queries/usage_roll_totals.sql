-- Brings a run of events into everybody's sums, those that are not in them. Cron.
-- Indexes: usage_events and usage_totals primary keys.
-- ?1 events up to this one were walked, ?2 now those up to this one are
INSERT INTO usage_totals (hour, plan, provider, model, requests, input_tokens, output_tokens,
  cached_input_tokens, reasoning_tokens, cost, unpriced, seq)
SELECT e.at / 3600000, e.plan, e.provider, e.model, count(*), sum(e.input_tokens),
  sum(e.output_tokens), sum(e.cached_input_tokens), sum(e.reasoning_tokens),
  CAST(min(total(e.cost), 9007199254740992) AS INTEGER), count(*) - count(e.cost), max(e.seq)
FROM usage_events e NOT INDEXED
WHERE e.seq > CAST(?1 AS INTEGER) AND e.seq <= CAST(?2 AS INTEGER) AND e.seq > ifnull((SELECT s.seq
  FROM usage_totals s WHERE s.hour = e.at / 3600000 AND s.plan = e.plan AND s.provider = e.provider AND s.model = e.model), 0)
GROUP BY e.at / 3600000, e.plan, e.provider, e.model
ON CONFLICT DO UPDATE SET requests = requests + excluded.requests,
  input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens,
  cached_input_tokens = cached_input_tokens + excluded.cached_input_tokens,
  reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens,
  cost = min(cost + excluded.cost, 9007199254740992), unpriced = unpriced + excluded.unpriced, seq = excluded.seq
