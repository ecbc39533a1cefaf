-- How many machines hold a ring at least as new as this one. Index: machines_by_last_seen, which covers it.
-- ?1 machines seen since, ?2 ring version
SELECT count(*) AS active, ifnull(sum(ring_version >= ?2), 0) AS holding,
  min(iif(ring_version >= ?2, NULL, last_seen_at)) AS oldest_seen_at
FROM machines WHERE released_at IS NULL AND last_seen_at >= ?1
