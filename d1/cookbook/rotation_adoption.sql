-- How many machines hold the newest ring of keys, of those seen in the last days.
-- @parameter days integer 1 3650 Of machines seen in the last so many days.
-- @columns newest integer, active integer, holding integer, longest_away time
WITH parameter(days) AS (VALUES (30))
SELECT s.ring_version AS newest, count(*) AS active, sum(m.ring_version >= s.ring_version) AS holding,
  datetime(min(iif(m.ring_version < s.ring_version, m.last_seen_at, NULL)) / 1000, 'unixepoch') AS longest_away
FROM parameter CROSS JOIN state s CROSS JOIN machines m
WHERE m.released_at IS NULL AND m.last_seen_at >= (strftime('%s', 'now') - days * 86400) * 1000
GROUP BY s.ring_version
