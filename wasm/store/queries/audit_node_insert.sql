-- Nodes of the tree. One that is there stays: it can only be the same. Index: audit_nodes primary key.
-- ?1 JSON array of {level, number, hash}
INSERT INTO audit_nodes (level, number, hash)
SELECT value ->> 'level', value ->> 'number', value ->> 'hash' FROM json_each(?1)
WHERE true ON CONFLICT DO NOTHING
