-- Licences that look shared, worst first, and why.
-- Reads all licences with a score.
SELECT * FROM v_sharing WHERE score > 0 ORDER BY score DESC LIMIT 200
