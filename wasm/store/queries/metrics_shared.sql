-- Licences that look shared, by level, to a bound. GET /metrics, GET /admin/doctor. Index: sharing_by_level.
-- ?1 bound
SELECT level, count(*) AS num
FROM (SELECT level FROM sharing WHERE level IN ('suspend', 'throttle', 'warn') AND level <> 'none'
  LIMIT CAST(?1 AS INTEGER)) GROUP BY level
