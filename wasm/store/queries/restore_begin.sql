-- A restore begins, unless one is running. Indexes: restores primary key, restores_running.
-- ?1 backup, ?2 hash of the header, ?3 number of the last line, ?4 1: losses are accepted, ?5 1: made under
-- another INDEX_KEY, ?6 actor, ?7 now
INSERT INTO restores (backup_id, state, line, line_hash, end_line, accepts_loss, index_lost, actor, begun_at)
SELECT ?1, 'running', 0, ?2, CAST(?3 AS INTEGER), CAST(?4 AS INTEGER), CAST(?5 AS INTEGER), ?6, CAST(?7 AS INTEGER)
WHERE NOT EXISTS (SELECT 1 FROM restores WHERE backup_id = ?1 OR state = 'running')
RETURNING line
