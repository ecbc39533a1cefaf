-- Forgets what those events name, before the events themselves go. Indexes: payment_events_ignored,
-- payment_aliases_by_event.
-- ?1 received before, ?2 how many
DELETE FROM payment_aliases WHERE (alias, event_seq) IN (SELECT a.alias, a.event_seq
  FROM (SELECT seq FROM payment_events WHERE state IN ('ignored', 'waiting') AND received_at < ?1
    LIMIT CAST(?2 AS INTEGER)) old CROSS JOIN payment_aliases a ON a.event_seq = old.seq)
