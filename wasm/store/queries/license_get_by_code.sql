-- A licence by its code. Index: licenses.code_hash.
-- ?1 code hash
SELECT * FROM license_details WHERE code_hash = ?1
