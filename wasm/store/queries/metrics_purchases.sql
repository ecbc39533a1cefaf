-- Purchases that led to no licence, by outcome, to a bound. GET /metrics, GET /admin/doctor. Index: purchases_by_outcome.
-- ?1 bound
SELECT outcome, count(*) AS num
FROM (SELECT outcome FROM purchases WHERE outcome IN ('held', 'no_email', 'unmapped') LIMIT CAST(?1 AS INTEGER))
GROUP BY outcome
