-- What an admin did to an alert, where it is still in the state that was read. Index: alerts primary key.
-- ?1 id, ?2 state presumed, ?3 state after, ?4 snoozed until or NULL, ?5 actor, ?6 now,
-- ?7 this batch, where the webhooks are told of it, or NULL
UPDATE alerts SET state = ?3, snoozed_until = CAST(?4 AS INTEGER), acted_by = ?5, acted_at = CAST(?6 AS INTEGER),
  resolved_at = iif(?3 = 'resolved', CAST(?6 AS INTEGER), NULL), notice = ifnull(?7, notice)
WHERE id = ?1 AND state = ?2
RETURNING id
