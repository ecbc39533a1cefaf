-- Licences that were used unlike before in the last week, worst first, and why.
-- Reads all licences with an alarm.
SELECT * FROM v_anomalies ORDER BY score DESC LIMIT 200
