-- Grants and refusals of the last days, and of the grants those that were made while D1 was away.
-- Reads the newest rows of the audit log; a day of which it read no more than a part is short.
-- @parameter days integer 1 400 Today and the days before it.
-- @parameter newest integer 1 1000000 How many of the newest rows of the audit log it reads.
-- @columns day date, granted integer, denied integer, outage integer, licenses integer
-- @plot bars day granted denied outage
WITH parameter(days, newest) AS (VALUES (30, 200000))
SELECT date(at / 1000, 'unixepoch') AS day, sum(outcome = 'granted') AS granted, sum(outcome = 'denied') AS denied,
  sum(outcome = 'granted' AND ifnull(details ->> 'degraded', 0) = 1) AS outage, count(DISTINCT license_id) AS licenses
FROM parameter CROSS JOIN audit_log
WHERE seq > (SELECT max(seq) FROM audit_log) - newest AND at >= (unixepoch() / 86400 - days + 1) * 86400000
  AND action IN ('provision.granted', 'provision.denied')
GROUP BY day ORDER BY day
