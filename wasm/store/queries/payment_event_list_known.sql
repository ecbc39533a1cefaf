-- Those of a list of events that are stored, with what is known of each. Index: payment_events.id.
-- ?1 JSON array of ids
SELECT id, facts, unread FROM payment_events WHERE id IN (SELECT value FROM json_each(?1))
