-- Counts one report against its address and, where the licence exists, its licence. POST /usage/report.
-- Indexes: rate_limits primary key, licenses.code_hash.
-- ?1 the address's subject, ?2 code hash or NULL, ?3 a window that begins now with one hit,
-- ?4 windows up to this one have ended
INSERT INTO rate_limits (subject, window)
SELECT ?1, CAST(?3 AS INTEGER)
UNION ALL SELECT 'report:' || id, CAST(?3 AS INTEGER) FROM licenses WHERE code_hash = CAST(?2 AS TEXT)
ON CONFLICT DO UPDATE SET window = iif(window > ?4, window + (window % 1000000 < 999999), excluded.window)
