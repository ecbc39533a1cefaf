-- A page of licences, newest first. Index: licenses primary key.
-- ?1 id after which to go on, ?2 plan or NULL, ?3 1 for never provisioned, ?4 page rows
SELECT * FROM license_details WHERE id < ?1 AND (?2 IS NULL OR plan = ?2)
  AND (?3 = 0 OR NOT EXISTS (SELECT 1 FROM machines m WHERE m.license_id = license_details.id))
ORDER BY id DESC LIMIT CAST(?4 AS INTEGER)
