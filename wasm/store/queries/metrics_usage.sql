-- Everybody's use since an hour, by provider, of so many rows. GET /metrics, GET /admin/doctor. Index: usage_totals
-- primary key.
-- ?1 hour, ?2 bound
SELECT provider, count(*) AS num_rows, sum(requests) AS requests, sum(unpriced) AS unpriced,
  sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
  CAST(min(total(cost), 9007199254740992) AS INTEGER) AS cost
FROM (SELECT * FROM usage_totals WHERE hour >= CAST(?1 AS INTEGER) LIMIT CAST(?2 AS INTEGER))
GROUP BY provider
