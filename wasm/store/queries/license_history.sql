-- What was done to a licence, newest first. Index: audit_log_acts.
-- ?1 licence id, ?2 seq before which to go on, ?3 page rows
SELECT seq, at, request_id, action, reason, actor, details FROM audit_log
WHERE license_id = ?1 AND outcome = 'done' AND seq < ?2 AND action >= 'license.' AND action < 'license/'
ORDER BY seq DESC LIMIT CAST(?3 AS INTEGER)
