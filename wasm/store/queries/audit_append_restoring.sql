-- The audit row of a restore that begins, after all rows of the backup: none where the statement after it begins
-- none. Indexes: audit_log (request_id, item), restores primary key, restores_running.
-- ?1 at, ?2 request id, ?3 actor, ?4 address hash, ?5 country, ?6 user agent, ?7 details, ?8 backup,
-- ?9 the backup's last seq
INSERT INTO audit_log (seq, at, request_id, action, outcome, actor, address_hash, country, user_agent, details)
SELECT max(CAST(?9 AS INTEGER), (SELECT ifnull(max(seq), 0) FROM audit_log)) + 1,
  CAST(?1 AS INTEGER), ?2, 'backup.restoring', 'done', ?3, ?4, ?5, ?6, ?7
WHERE NOT EXISTS (SELECT 1 FROM restores WHERE backup_id = ?8 OR state = 'running')
