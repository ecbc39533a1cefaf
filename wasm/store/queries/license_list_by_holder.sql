-- Licences of one holder, by exact name or e-mail address. Indexes: licenses_by_holder_name,
-- licenses_by_holder_email.
-- ?1 id after which to go on, ?2 plan or NULL, ?3 1 for never provisioned, ?4 page rows, ?5 holder hash
SELECT * FROM license_details WHERE id IN (
    SELECT id FROM licenses WHERE holder_name_hash = ?5
    UNION SELECT id FROM licenses WHERE holder_email_hash = ?5)
  AND id < ?1 AND (?2 IS NULL OR plan = ?2)
  AND (?3 = 0 OR NOT EXISTS (SELECT 1 FROM machines m WHERE m.license_id = license_details.id))
ORDER BY id DESC LIMIT CAST(?4 AS INTEGER)
