-- Counts one request against its address and, where the licence exists, its licence.
-- POST /keys/provision, POST /keys/status. Indexes: primary key, licenses.code_hash.
-- ?1 address subject, ?2 a window that begins now with one hit, ?3 windows up to this one have ended,
-- ?4 code hash or NULL
INSERT INTO rate_limits (subject, window)
SELECT ?1, CAST(?2 AS INTEGER) UNION ALL SELECT id, CAST(?2 AS INTEGER) FROM licenses WHERE code_hash = ?4
ON CONFLICT DO UPDATE SET window = iif(window > ?3, window + (window % 1000000 < 999999), excluded.window)
