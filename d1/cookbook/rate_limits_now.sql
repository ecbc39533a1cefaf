-- Who is near or over a limit in this hour. A subject is a licence, or the keyed hash of an address.
-- Reads all current windows.
-- @columns subject, hits integer, since time
-- @plot bars subject hits
SELECT substr(subject, 1, 32) AS subject, hits, since FROM v_rate_limits ORDER BY hits DESC LIMIT 50
