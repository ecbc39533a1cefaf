-- The licences that cost most. GET /admin/usage/licenses. Steps from licence to licence through the ledger and sums each
-- one's days: grouping the same rows takes three times as long, by day ten times. Indexes: license_spend and licenses
-- primary keys; what is walked and sorted is the licences that were ever used.
-- ?1 the first day, ?2 the day behind the last, ?3 how many
WITH RECURSIVE used(id) AS (
  SELECT min(license_id) FROM license_spend
  UNION ALL SELECT (SELECT min(license_id) FROM license_spend WHERE license_id > used.id) FROM used WHERE id IS NOT NULL)
SELECT license_id, (SELECT code_hint FROM licenses WHERE id = license_id) AS code_hint,
  (SELECT plan FROM licenses WHERE id = license_id) AS plan,
  (SELECT sum(requests) FROM license_spend s WHERE s.license_id = dearest.license_id AND day >= CAST(?1 AS INTEGER)
    AND day < CAST(?2 AS INTEGER)) AS requests,
  CAST(min(cost, 9007199254740992) AS INTEGER) AS cost,
  (SELECT sum(unpriced) FROM license_spend s WHERE s.license_id = dearest.license_id AND day >= CAST(?1 AS INTEGER)
    AND day < CAST(?2 AS INTEGER)) AS unpriced
FROM (SELECT id AS license_id, (SELECT sum(cost) FROM license_spend s WHERE s.license_id = used.id
      AND day >= CAST(?1 AS INTEGER) AND day < CAST(?2 AS INTEGER)) AS cost
    FROM used ORDER BY cost DESC, id LIMIT CAST(?3 AS INTEGER)) dearest
WHERE cost IS NOT NULL
