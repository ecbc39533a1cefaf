-- Nodes of the tree. One that is there stays: it can only be the same. None while a restore is running, which brings
-- its own. Indexes: audit_nodes primary key, restores_running.
-- ?1 JSON array of {level, number, hash}
INSERT INTO audit_nodes (level, number, hash)
SELECT value ->> 'level', value ->> 'number', value ->> 'hash' FROM json_each(?1)
WHERE NOT EXISTS (SELECT 1 FROM restores WHERE state = 'running') ON CONFLICT DO NOTHING
