-- Names a machine. Index: machines.id.
-- ?1 machine id, ?2 version presumed, ?3 name or NULL
UPDATE machines SET name = ?3, version = version + 1 WHERE id = ?1 AND version = ?2
RETURNING id
