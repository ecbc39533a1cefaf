-- Licences that look shared, worst first, and why.
-- Reads all licences with a score.
-- @columns license_id, code_hint, plan, status, score integer, level, why, machines integer, seats integer
-- @columns countries integer, networks integer, throttled_to integer, level_since time, scored time, ignored_until time
-- @plot bars code_hint score
SELECT * FROM v_sharing WHERE score > 0 ORDER BY score DESC LIMIT 200
