-- The audit row of a restore that the statement after it ends. Indexes: audit_log (request_id, item), restores
-- primary key.
-- ?1 at, ?2 request id, ?3 actor, ?4 address hash, ?5 country, ?6 user agent, ?7 details, ?8 backup, ?9 line
INSERT INTO audit_log (at, request_id, action, outcome, actor, address_hash, country, user_agent, details)
SELECT CAST(?1 AS INTEGER), ?2, 'backup.restored', 'done', ?3, ?4, ?5, ?6, ?7
FROM restores WHERE backup_id = ?8 AND state = 'running' AND line = ?9 - 1
