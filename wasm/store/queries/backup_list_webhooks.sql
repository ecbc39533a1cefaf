-- x
SELECT 1
