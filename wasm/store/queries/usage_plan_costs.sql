-- What licences with use cost in some days, by plan: their number, sum, quantiles (nearest rank), and what they bring in
-- the share of a month that has gone. GET /admin/usage/plans. Indexes: licenses, license_spend and plans primary keys, as
-- in license_spend_top.sql; what is walked and sorted is the licences that were ever used. MATERIALIZED because the
-- planner would otherwise sum each licence twice: once to see that it has a cost, once to take it.
-- ?1 the first day, ?2 the day behind the last, ?3 days of the month that have gone, ?4 days of the month
WITH RECURSIVE used(id) AS (
  SELECT min(license_id) FROM license_spend
  UNION ALL SELECT (SELECT min(license_id) FROM license_spend WHERE license_id > used.id) FROM used WHERE id IS NOT NULL),
costs(plan, version, cost) AS MATERIALIZED (
  SELECT l.plan, l.plan_version, (SELECT CAST(min(sum(s.cost), 9007199254740992) AS INTEGER) FROM license_spend s
    WHERE s.license_id = l.id AND s.day >= CAST(?1 AS INTEGER) AND s.day < CAST(?2 AS INTEGER))
  FROM used CROSS JOIN licenses l WHERE l.id = used.id)
SELECT plan, count(*) AS licenses, CAST(min(total(cost), 9007199254740992) AS INTEGER) AS cost,
  min(iif(share >= 0.5, cost, NULL)) AS median, min(iif(share >= 0.9, cost, NULL)) AS p90,
  min(iif(share >= 0.99, cost, NULL)) AS p99, max(cost) AS max,
  (SELECT p.monthly_price FROM plans p WHERE p.name = plan ORDER BY p.version DESC LIMIT 1) AS monthly_price,
  CAST(min(total(brings), 9007199254740992) AS INTEGER) AS revenue, count(*) - count(brings) AS unpriced,
  CAST(min(total(iif(brings IS NULL, 0, cost)), 9007199254740992) AS INTEGER) AS priced_cost,
  ifnull(sum(cost > brings), 0) AS losing
FROM (SELECT plan, cost, cume_dist() OVER (PARTITION BY plan ORDER BY cost) AS share,
    (SELECT p.monthly_price FROM plans p WHERE p.name = plan AND p.version = costs.version) * CAST(?3 AS INTEGER)
      / CAST(?4 AS INTEGER) AS brings
  FROM costs WHERE cost IS NOT NULL)
GROUP BY plan ORDER BY total(cost) DESC, plan
