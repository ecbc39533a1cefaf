-- Open alerts, by kind and severity, to a bound. GET /metrics, GET /admin/doctor. Index: alerts_by_state.
-- ?1 bound
SELECT kind, severity, count(*) AS num
FROM (SELECT kind, severity FROM alerts WHERE state = 'open' LIMIT CAST(?1 AS INTEGER)) GROUP BY kind, severity
