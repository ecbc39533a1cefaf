-- When a licence ends, after its first grant. Index: licenses primary key.
-- ?1 licence id
SELECT expires_at FROM licenses WHERE id = ?1
