-- The purchases of the licence with this code. Indexes: licenses.code_hash, purchases_by_license.
-- ?1 code hash
SELECT * FROM purchases WHERE license_id IN (SELECT id FROM licenses WHERE code_hash = ?1)
