-- A licence's use, summed by what is asked for. GET /admin/usage. Index: usage_daily primary key.
-- ?1 from, ?2 until, not itself: days; ?3 how time is cut, as in usage_sum_totals.sql, or NULL; 1 or 0: ?4 by
-- provider, ?5 by model, ?6 by machine; ?7 licence; NULL or the only one: ?8 provider, ?9 model, ?10 machine; ?11 how
-- many rows
SELECT CASE ?3 WHEN 'day' THEN day * 86400000
  WHEN 'month' THEN CAST(strftime('%s', day * 86400, 'unixepoch', 'start of month') AS INTEGER) * 1000
  WHEN 'weekday' THEN (day + 3) % 7 END AS time,
  NULL AS plan, iif(?4, provider, NULL) AS provider, iif(?5, model, NULL) AS model,
  iif(?6, machine_id, NULL) AS machine_id,
  sum(requests) AS requests, sum(input_tokens) AS input_tokens,
  sum(output_tokens) AS output_tokens, sum(cached_input_tokens) AS cached_input_tokens,
  sum(reasoning_tokens) AS reasoning_tokens, CAST(min(total(cost), 9007199254740992) AS INTEGER) AS cost,
  sum(unpriced) AS unpriced
FROM usage_daily
WHERE license_id = ?7 AND day >= CAST(?1 AS INTEGER) AND day < CAST(?2 AS INTEGER)
  AND ifnull(provider = ?8, 1) AND ifnull(model = ?9, 1) AND ifnull(machine_id = ?10, 1)
GROUP BY 1, 3, 4, 5 ORDER BY 1, 3, 4, 5 LIMIT CAST(?11 AS INTEGER)
