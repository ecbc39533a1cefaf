-- A slice of the sealed Fernet keys, to be sealed anew. Index: machines.id.
-- ?1 after this id, ?2 how many
SELECT id, license_id, machine_hash, fernet_key AS sealed FROM machines WHERE id > ?1 ORDER BY id
LIMIT CAST(?2 AS INTEGER)
