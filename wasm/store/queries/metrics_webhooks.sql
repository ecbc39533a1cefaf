-- Webhooks by state, and how many of them fail. GET /metrics, GET /admin/doctor. A handful of rows.
SELECT state, count(*) AS num, sum(failures > 0) AS num_failing FROM webhooks GROUP BY state
