-- How many licences there are of each plan, and how they stand.
-- Reads all licences.
-- @columns plan, status, licenses integer, seats_taken integer, seats integer
-- @plot bars plan licenses
SELECT plan, status, count(*) AS licenses, sum(machines_used) AS seats_taken, sum(max_machines) AS seats
FROM v_licenses GROUP BY plan, status ORDER BY plan, status
