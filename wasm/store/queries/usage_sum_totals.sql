-- Everybody's use, summed by what is asked for. GET /admin/usage. Index: usage_totals primary key.
-- ?1 from, ?2 until, not itself: hours; ?3 how time is cut: hour, day, month, hour_of_day (0 to 23), weekday (0 is
-- Monday), or NULL; 1 or 0: ?4 by plan, ?5 by provider, ?6 by model; NULL or the only one: ?7 plan, ?8 provider,
-- ?9 model; ?10 how many rows
SELECT CASE ?3 WHEN 'hour' THEN hour * 3600000 WHEN 'day' THEN hour / 24 * 86400000
  WHEN 'month' THEN CAST(strftime('%s', hour * 3600, 'unixepoch', 'start of month') AS INTEGER) * 1000
  WHEN 'hour_of_day' THEN hour % 24 WHEN 'weekday' THEN (hour / 24 + 3) % 7 END AS time,
  iif(?4, plan, NULL) AS plan, iif(?5, provider, NULL) AS provider, iif(?6, model, NULL) AS model, NULL AS machine_id,
  sum(requests) AS requests, sum(input_tokens) AS input_tokens,
  sum(output_tokens) AS output_tokens, sum(cached_input_tokens) AS cached_input_tokens,
  sum(reasoning_tokens) AS reasoning_tokens, CAST(min(total(cost), 9007199254740992) AS INTEGER) AS cost,
  sum(unpriced) AS unpriced
FROM usage_totals
WHERE hour >= CAST(?1 AS INTEGER) AND hour < CAST(?2 AS INTEGER) AND ifnull(plan = ?7, 1)
  AND ifnull(provider = ?8, 1) AND ifnull(model = ?9, 1)
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4 LIMIT CAST(?10 AS INTEGER)
