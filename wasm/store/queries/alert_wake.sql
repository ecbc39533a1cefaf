-- Ends snoozes whose time is over; of what is still open the webhooks are told again. Index: alerts_snoozed.
-- ?1 now, ?2 this batch, ?3 how many
UPDATE alerts SET snoozed_until = NULL, notice = iif(state = 'open', ?2, notice)
WHERE id IN (SELECT id FROM alerts WHERE snoozed_until <= ?1 ORDER BY snoozed_until LIMIT CAST(?3 AS INTEGER))
