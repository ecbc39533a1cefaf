-- Counts one request against its address and, where the licence exists, its licence.
-- POST /keys/provision, POST /keys/status. Indexes: both primary keys, licenses.code_hash.
-- 3600000 is limits::kRateWindowMs.
-- ?1 address subject, ?2 now, ?3 code hash or NULL
INSERT INTO rate_limits (subject, window_start, hits)
SELECT ?1, CAST(?2 AS INTEGER), 1
UNION ALL
SELECT 'license:' || id, CAST(?2 AS INTEGER), 1 FROM licenses WHERE code_hash = ?3
ON CONFLICT (subject) DO UPDATE SET
  hits = iif(window_start + 3600000 <= excluded.window_start, 1, hits + 1),
  over_recorded = iif(window_start + 3600000 <= excluded.window_start, 0, over_recorded),
  window_start = iif(window_start + 3600000 <= excluded.window_start, excluded.window_start, window_start)
RETURNING subject, window_start, hits, over_recorded
