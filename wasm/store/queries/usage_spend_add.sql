-- Brings what a report stored into the ledger: its rows are the newest. A sum stops at what D1 can tell exactly.
-- POST /usage/report. Indexes: usage_events and license_spend primary keys.
-- ?1 the report's number, ?2 how many rows it can have stored
INSERT INTO license_spend (license_id, day, requests, cost, unpriced, seq)
SELECT license_id, at / 86400000, count(*), CAST(min(total(cost), 9007199254740992) AS INTEGER),
  count(*) - count(cost), max(seq)
FROM usage_events NOT INDEXED
WHERE seq > (SELECT max(seq) FROM usage_events) - CAST(?2 AS INTEGER) AND report = CAST(?1 AS INTEGER)
GROUP BY license_id, at / 86400000
ON CONFLICT DO UPDATE SET requests = requests + excluded.requests,
  cost = min(cost + excluded.cost, 9007199254740992), unpriced = unpriced + excluded.unpriced,
  seq = excluded.seq
