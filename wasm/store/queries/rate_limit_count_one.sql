-- Counts one event against one subject: a wrong admin token. Index: primary key.
-- ?1 subject, ?2 now
INSERT INTO rate_limits (subject, window_start, hits)
VALUES (?1, CAST(?2 AS INTEGER), 1)
ON CONFLICT (subject) DO UPDATE SET
  hits = iif(window_start + 3600000 <= excluded.window_start, 1, hits + 1),
  over_recorded = iif(window_start + 3600000 <= excluded.window_start, 0, over_recorded),
  window_start = iif(window_start + 3600000 <= excluded.window_start, excluded.window_start, window_start)
RETURNING subject, window_start, hits, over_recorded
