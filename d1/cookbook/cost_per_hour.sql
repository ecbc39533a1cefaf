-- What the models cost, by hour, of the last hours; and requests that have no price.
-- Index: usage_totals primary key.
-- @parameter hours integer 1 2160 This hour and those before it.
-- @columns hour time, requests integer, cost_usd usd, unpriced integer
-- @plot line hour cost_usd
WITH parameter(hours) AS (VALUES (168))
SELECT datetime(t.hour * 3600, 'unixepoch') AS hour, sum(t.requests) AS requests,
  printf('%.4f', sum(t.cost) / 1e9) AS cost_usd, sum(t.unpriced) AS unpriced
FROM parameter CROSS JOIN usage_totals t
WHERE t.hour > unixepoch() / 3600 - hours
GROUP BY t.hour ORDER BY t.hour
