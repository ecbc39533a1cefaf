-- Forgets events that led to nothing for long. Index: payment_events_ignored.
-- ?1 received before, ?2 how many
DELETE FROM payment_events WHERE seq IN (SELECT seq FROM payment_events
  WHERE state IN ('ignored', 'waiting') AND received_at < ?1 LIMIT CAST(?2 AS INTEGER))
