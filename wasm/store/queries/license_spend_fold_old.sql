-- Retention: old days of the ledger become one, day 0, so that a licence's total stays. Cron, before
-- license_spend_delete_old. Index: license_spend_by_day.
-- ?1 the first day that is kept, ?2 how many
INSERT INTO license_spend (license_id, day, requests, cost, unpriced, seq)
SELECT license_id, 0, sum(requests), CAST(min(total(cost), 9007199254740992) AS INTEGER), sum(unpriced),
  max(seq)
FROM (SELECT license_id, requests, cost, unpriced, seq FROM license_spend WHERE day > 0 AND day < CAST(?1 AS INTEGER)
  ORDER BY day, license_id LIMIT CAST(?2 AS INTEGER))
WHERE true GROUP BY license_id
ON CONFLICT DO UPDATE SET requests = requests + excluded.requests,
  cost = min(cost + excluded.cost, 9007199254740992), unpriced = unpriced + excluded.unpriced,
  seq = max(seq, excluded.seq)
