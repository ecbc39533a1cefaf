-- Keeps a machine's derived Fernet key, sealed. Index: machines primary key.
-- ?1 licence id, ?2 machine hash, ?3 sealed key
UPDATE machines SET fernet_key = ?3 WHERE license_id = ?1 AND machine_hash = ?2
