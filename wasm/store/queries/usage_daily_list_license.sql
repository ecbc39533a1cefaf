-- The same of one licence. GET /admin/usage/daily. Index: usage_daily primary key.
-- ?1 where the page before ended, a JSON array: day, licence, provider, model, machine; ?2 the day behind the last;
-- ?3 how many, ?4 licence
SELECT license_id, day, provider, model, machine_id, requests, input_tokens, output_tokens,
  cached_input_tokens, reasoning_tokens, cost, unpriced
FROM usage_daily
WHERE license_id = ?4 AND (day, provider, model, machine_id)
    > (CAST(?1 ->> 0 AS INTEGER), ?1 ->> 2, ?1 ->> 3, ?1 ->> 4) AND day < CAST(?2 AS INTEGER)
ORDER BY day, provider, model, machine_id LIMIT CAST(?3 AS INTEGER)
