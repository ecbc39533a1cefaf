-- Brings a run of events into the ledger, those that are not in it: after a restore, as reports keep it up. Cron.
-- Indexes: usage_events and license_spend primary keys.
-- ?1 events up to this one were walked, ?2 now those up to this one are
INSERT INTO license_spend (license_id, day, requests, cost, unpriced, seq)
SELECT e.license_id, e.at / 86400000, count(*), CAST(min(total(e.cost), 9007199254740992) AS INTEGER),
  count(*) - count(e.cost), max(e.seq)
FROM usage_events e NOT INDEXED
WHERE e.seq > CAST(?1 AS INTEGER) AND e.seq <= CAST(?2 AS INTEGER) AND e.seq > ifnull((SELECT s.seq
  FROM license_spend s WHERE s.license_id = e.license_id AND s.day = e.at / 86400000), 0)
GROUP BY e.license_id, e.at / 86400000
ON CONFLICT DO UPDATE SET requests = requests + excluded.requests,
  cost = min(cost + excluded.cost, 9007199254740992), unpriced = unpriced + excluded.unpriced, seq = excluded.seq
