-- Alerts about budgets whose period is over. Cron. Index: alerts_unresolved.
-- ?1 now, ?2 how many
SELECT subject FROM alerts
WHERE kind = 'budget_threshold' AND state <> 'resolved' AND details ->> 'resets_at' <= ?1 LIMIT CAST(?2 AS INTEGER)
