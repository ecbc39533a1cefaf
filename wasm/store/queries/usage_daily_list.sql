-- Sums by day, a page of an export. GET /admin/usage/daily. Index: usage_daily_by_day.
-- ?1 where the page before ended, a JSON array: day, licence, provider, model, machine; ?2 the day behind the last;
-- ?3 how many
SELECT license_id, day, provider, model, machine_id, requests, input_tokens, output_tokens,
  cached_input_tokens, reasoning_tokens, cost, unpriced
FROM usage_daily
WHERE (day, license_id, provider, model, machine_id)
    > (CAST(?1 ->> 0 AS INTEGER), ?1 ->> 1, ?1 ->> 2, ?1 ->> 3, ?1 ->> 4) AND day < CAST(?2 AS INTEGER)
ORDER BY day, license_id, provider, model, machine_id LIMIT CAST(?3 AS INTEGER)
