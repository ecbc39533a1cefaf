-- Every event that this alias leads to, over however many others. Indexes: payment_aliases primary key and
-- payment_aliases_by_event, payment_events primary key.
-- ?1 alias
WITH RECURSIVE reach (alias) AS (
  SELECT ?1
  UNION
  SELECT other.alias FROM reach
    CROSS JOIN payment_aliases mine ON mine.alias = reach.alias
    CROSS JOIN payment_aliases other ON other.event_seq = mine.event_seq
)
SELECT * FROM payment_events WHERE seq IN
  (SELECT a.event_seq FROM reach CROSS JOIN payment_aliases a ON a.alias = reach.alias)
