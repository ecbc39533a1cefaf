-- How many audit rows there are, to a bound. Index: audit_log primary key.
-- ?1 bound
SELECT count(*) AS rows FROM (SELECT 1 FROM audit_log WHERE seq > 0 LIMIT CAST(?1 AS INTEGER))
