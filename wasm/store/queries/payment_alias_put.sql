-- The ids that an event names. Indexes: payment_events.id, payment_aliases primary key.
-- ?1 id of the event, ?2 JSON array of aliases
INSERT INTO payment_aliases (alias, event_seq)
SELECT a.value, e.seq FROM payment_events e CROSS JOIN json_each(?2) a WHERE e.id = ?1
ON CONFLICT DO NOTHING
