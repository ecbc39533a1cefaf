-- Who is near or over a limit in this hour. A subject is a licence, or the keyed hash of an address.
-- Reads all current windows.
SELECT subject, hits, since FROM v_rate_limits ORDER BY hits DESC LIMIT 50
