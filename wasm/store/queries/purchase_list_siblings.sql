-- All purchases of the licences that this alias leads to. Indexes: payment_aliases primary key and
-- payment_aliases_by_event, purchases.purchase_key, purchases_by_license.
-- ?1 alias
WITH RECURSIVE reach (alias) AS (
  SELECT ?1
  UNION
  SELECT other.alias FROM reach
    CROSS JOIN payment_aliases mine ON mine.alias = reach.alias
    CROSS JOIN payment_aliases other ON other.event_seq = mine.event_seq
)
SELECT * FROM purchases WHERE license_id IN
  (SELECT license_id FROM purchases WHERE purchase_key IN (SELECT alias FROM reach) AND license_id IS NOT NULL)
