-- The events that name an id, newest first. Indexes: payment_aliases primary key, payment_events primary key.
-- ?1 alias, ?2 how many
SELECT e.id FROM payment_aliases a CROSS JOIN payment_events e ON e.seq = a.event_seq
WHERE a.alias = ?1 ORDER BY a.event_seq DESC LIMIT CAST(?2 AS INTEGER)
