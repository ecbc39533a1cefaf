-- Says that something of this licence changed, so that KV follows. Index: licenses primary key.
-- ?1 licence id, ?2 now
UPDATE licenses SET version = version + 1, updated_at = CAST(?2 AS INTEGER) WHERE id = ?1
