-- Events that cron has to take up, with one id that each names. Indexes: payment_events_due,
-- payment_aliases_by_event.
-- ?1 now, ?2 how many
SELECT e.id, e.provider, e.unread, e.attempts,
  (SELECT min(a.alias) FROM payment_aliases a WHERE a.event_seq = e.seq) AS alias
FROM payment_events e WHERE e.due_at <= ?1 ORDER BY e.due_at LIMIT CAST(?2 AS INTEGER)
