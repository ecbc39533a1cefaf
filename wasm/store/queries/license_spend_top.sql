-- The licences that cost most. GET /admin/usage/licenses. Up to three days are read by day, more by licence, because
-- then a row of the index by day costs ten times a row that is read in order. Indexes: license_spend_by_day, licenses and
-- license_spend primary keys; what is sorted is bounded by the licences that were used then.
-- ?1 the first day, ?2 the day behind the last, ?3 how many
SELECT license_id, (SELECT code_hint FROM licenses WHERE id = license_id) AS code_hint,
  (SELECT plan FROM licenses WHERE id = license_id) AS plan, requests,
  CAST(min(cost, 9007199254740992) AS INTEGER) AS cost, unpriced
FROM (SELECT * FROM (
    SELECT license_id, sum(requests) AS requests, total(cost) AS cost, sum(unpriced) AS unpriced
    FROM license_spend INDEXED BY license_spend_by_day
    WHERE ?2 - ?1 <= 3 AND day >= CAST(?1 AS INTEGER) AND day < CAST(?2 AS INTEGER) GROUP BY license_id
    UNION ALL
    SELECT s.license_id, sum(s.requests), total(s.cost), sum(s.unpriced)
    FROM licenses l CROSS JOIN license_spend s
    WHERE ?2 - ?1 > 3 AND l.id > '' AND s.license_id = l.id AND s.day >= CAST(?1 AS INTEGER)
      AND s.day < CAST(?2 AS INTEGER) GROUP BY l.id)
  ORDER BY cost DESC, license_id LIMIT CAST(?3 AS INTEGER))
