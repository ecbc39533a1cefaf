-- How many licences there are, by status, each to a bound. GET /metrics, GET /admin/doctor. Index: licenses_by_status.
-- ?1 now, ?2 bound
SELECT status, count(*) AS num, sum(is_over) AS num_over
FROM (SELECT * FROM (SELECT status, ifnull(expires_at <= ?1, 0) AS is_over FROM licenses WHERE status = 'active'
    LIMIT CAST(?2 AS INTEGER))
  UNION ALL SELECT * FROM (SELECT status, 0 FROM licenses WHERE status = 'suspended' LIMIT CAST(?2 AS INTEGER))
  UNION ALL SELECT * FROM (SELECT status, 0 FROM licenses WHERE status = 'revoked' LIMIT CAST(?2 AS INTEGER)))
GROUP BY status
