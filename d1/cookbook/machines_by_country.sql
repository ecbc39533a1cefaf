-- Where the machines that hold a seat were last seen.
-- Reads all machines.
-- @columns country, machines integer
-- @plot bars country machines
SELECT ifnull(country, '?') AS country, count(*) AS machines FROM machines WHERE released_at IS NULL
GROUP BY country ORDER BY machines DESC
