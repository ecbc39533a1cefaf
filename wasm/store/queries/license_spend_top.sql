-- The licences that cost most. GET /admin/usage/licenses. Indexes: license_spend_by_day, licenses primary key; what is
-- sorted is bounded by the licences that were used then.
-- ?1 the first day, ?2 the day behind the last, ?3 how many
SELECT license_id, (SELECT code_hint FROM licenses WHERE id = license_id) AS code_hint,
  (SELECT plan FROM licenses WHERE id = license_id) AS plan, sum(requests) AS requests,
  CAST(min(total(cost), 9007199254740992) AS INTEGER) AS cost, sum(unpriced) AS unpriced
FROM license_spend INDEXED BY license_spend_by_day WHERE day >= CAST(?1 AS INTEGER) AND day < CAST(?2 AS INTEGER)
GROUP BY license_id ORDER BY total(cost) DESC, license_id LIMIT CAST(?3 AS INTEGER)
