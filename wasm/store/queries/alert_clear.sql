-- Resolves alerts whose cause is over; the webhooks are told, unless they are snoozed. Indexes: alerts_unresolved,
-- audit_log (request_id, item).
-- ?1 JSON array of {kind, subject}, ?2 now, ?3 this batch, ?4 request id of an audit row without which nothing is done, or
-- NULL, ?5 its item
UPDATE alerts SET state = 'resolved', resolved_at = CAST(?2 AS INTEGER), snoozed_until = NULL,
  notice = iif(snoozed_until > ?2, notice, ?3)
WHERE (kind, subject) IN (SELECT value ->> 'kind', value ->> 'subject' FROM json_each(?1)) AND state <> 'resolved'
  AND (?4 IS NULL OR EXISTS (SELECT 1 FROM audit_log WHERE request_id = ?4 AND item = ?5))
