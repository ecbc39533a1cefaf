-- Stores an event once. A sale of Gumroad's that was read again takes the place of what was read before.
-- Index: payment_events.id.
-- ?1 id, ?2 provider, ?3 type, ?4 occurred at, ?5 now, ?6 state, ?7 facts, ?8 sealed e-mail or NULL,
-- ?9 when cron takes it up or NULL, ?10 1: it may take the place of an older one
INSERT INTO payment_events (id, provider, type, occurred_at, received_at, state, facts, email, due_at)
VALUES (?1, ?2, ?3, CAST(?4 AS INTEGER), CAST(?5 AS INTEGER), ?6, ?7, ?8, CAST(?9 AS INTEGER))
ON CONFLICT (id) DO UPDATE SET occurred_at = excluded.occurred_at, type = excluded.type, facts = excluded.facts,
  email = ifnull(excluded.email, email),
  state = iif(facts = excluded.facts AND unread = 0, state, excluded.state),
  due_at = iif(facts = excluded.facts AND unread = 0, due_at, excluded.due_at), unread = 0, attempts = 0
WHERE ?10 = 1 AND excluded.occurred_at >= occurred_at
