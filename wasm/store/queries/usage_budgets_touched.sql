-- Licences with a budget that a run of events is about, and what they spent. Cron. Indexes: usage_events, licenses and
-- license_spend primary keys.
-- ?1 behind this event, ?2 up to this one, ?3 today, ?4 the month's first day
SELECT l.id, l.budget, l.kv_blocked_until, (SELECT cost FROM license_spend WHERE license_id = l.id AND day = CAST(?3 AS INTEGER)) AS today,
  (SELECT min(total(cost), 9007199254740992) FROM license_spend
    WHERE license_id = l.id AND day >= CAST(?4 AS INTEGER)) AS month,
  (SELECT min(total(cost), 9007199254740992) FROM license_spend WHERE license_id = l.id) AS total
FROM licenses l
WHERE l.id IN (SELECT license_id FROM usage_events NOT INDEXED
    WHERE seq > CAST(?1 AS INTEGER) AND seq <= CAST(?2 AS INTEGER)) AND l.budget IS NOT NULL
