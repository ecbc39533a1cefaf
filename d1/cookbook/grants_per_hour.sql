-- Grants and refusals of the last hours, and of the grants those that were made while D1 was away.
-- Reads the newest rows of the audit log; an hour of which it read no more than a part is short.
-- @parameter hours integer 1 1000 This hour and those before it.
-- @parameter newest integer 1 1000000 How many of the newest rows of the audit log it reads.
-- @columns hour time, granted integer, denied integer, outage integer
-- @plot line hour granted denied outage
WITH parameter(hours, newest) AS (VALUES (48, 200000))
SELECT datetime(at / 3600000 * 3600, 'unixepoch') AS hour, sum(outcome = 'granted') AS granted,
  sum(outcome = 'denied') AS denied, sum(outcome = 'granted' AND ifnull(details ->> 'degraded', 0) = 1) AS outage
FROM parameter CROSS JOIN audit_log
WHERE seq > (SELECT max(seq) FROM audit_log) - newest AND at >= (unixepoch() / 3600 - hours + 1) * 3600000
  AND action IN ('provision.granted', 'provision.denied')
GROUP BY at / 3600000 ORDER BY hour
