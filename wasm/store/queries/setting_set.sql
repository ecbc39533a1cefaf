-- Index: settings primary key.
-- ?1 name, ?2 value
INSERT INTO settings (name, value) VALUES (?1, CAST(?2 AS INTEGER))
ON CONFLICT (name) DO UPDATE SET value = excluded.value
