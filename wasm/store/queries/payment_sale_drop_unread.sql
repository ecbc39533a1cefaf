-- Forgets a sale that the provider says is none, and takes the mark from one that was read before.
-- Index: payment_events.id.
-- ?1 id
UPDATE payment_events SET unread = 0, due_at = NULL, state = iif(facts = '{}', 'ignored', state) WHERE id = ?1
