-- Forgets what was seen too seldom to be an alert, now that it is over. Indexes: alerts_unresolved, audit_log
-- (request_id, item).
-- ?1 JSON array of {kind, subject}, ?2 request id of an audit row without which nothing is done, or NULL, ?3 its item
DELETE FROM alerts WHERE (kind, subject) IN (SELECT value ->> 'kind', value ->> 'subject' FROM json_each(?1))
  AND state <> 'resolved' AND state = 'pending'
  AND (?2 IS NULL OR EXISTS (SELECT 1 FROM audit_log WHERE request_id = ?2 AND item = ?3))
