-- Remembers a sale that could not be read. Index: payment_events.id.
-- ?1 id, ?2 type, ?3 now, ?4 when cron reads it
INSERT INTO payment_events (id, provider, type, occurred_at, received_at, state, facts, unread, due_at)
VALUES (?1, 'gumroad', ?2, 0, CAST(?3 AS INTEGER), 'new', '{}', 1, CAST(?4 AS INTEGER))
ON CONFLICT (id) DO UPDATE SET unread = 1, due_at = excluded.due_at
