-- When the models are used: requests and cost by weekday and hour of the day (UTC), of the last days.
-- Weekday 0 is Monday.
-- Index: usage_totals primary key.
-- @parameter days integer 1 760 Whole days before this one.
-- @columns weekday integer, hour integer, requests integer, cost_usd usd
-- @plot heatmap hour weekday requests
WITH parameter(days) AS (VALUES (28))
SELECT (t.hour / 24 + 3) % 7 AS weekday, t.hour % 24 AS hour, sum(t.requests) AS requests,
  printf('%.4f', sum(t.cost) / 1e9) AS cost_usd
FROM parameter CROSS JOIN usage_totals t
WHERE t.hour >= (unixepoch() / 86400 - days) * 24 AND t.hour < unixepoch() / 86400 * 24
GROUP BY 1, 2 ORDER BY 1, 2
