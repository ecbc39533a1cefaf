-- Licences that were used unlike before in the last week, worst first, and why.
-- Reads all licences with an alarm.
-- @columns license_id, code_hint, plan, status, score integer, hour time, why, alert, alert_since time, last_hour time
-- @columns last_score integer
-- @plot bars code_hint score
SELECT * FROM v_anomalies ORDER BY score DESC LIMIT 200
