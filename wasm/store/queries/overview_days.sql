-- Everybody's use and cost by day, since an hour; of the newest so many rows. GET /admin/overview. Index: usage_totals
-- primary key.
-- ?1 hour, ?2 bound
SELECT hour / 24 AS day, count(*) AS num_rows, sum(requests) AS requests, sum(unpriced) AS unpriced,
  CAST(min(total(cost), 9007199254740992) AS INTEGER) AS cost
FROM (SELECT * FROM usage_totals WHERE hour >= CAST(?1 AS INTEGER) ORDER BY hour DESC LIMIT CAST(?2 AS INTEGER))
GROUP BY hour / 24
