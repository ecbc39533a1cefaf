-- Counts one event against one subject: a wrong admin token. Index: primary key.
-- ?1 subject, ?2 a window that begins now with one hit, ?3 windows up to this one have ended
INSERT INTO rate_limits (subject, window) VALUES (?1, CAST(?2 AS INTEGER))
ON CONFLICT DO UPDATE SET window = iif(window > ?3, window + (window % 1000000 < 999999), excluded.window)
RETURNING window, over_recorded
