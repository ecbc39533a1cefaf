-- The same with one status. Index: licenses_by_status.
-- ?1 id after which to go on, ?2 plan or NULL, ?3 1 for never provisioned, ?4 page rows,
-- ?5 stored status, ?6 now, ?7 wanted: 0 any, 1 not past its end, 2 past its end
SELECT * FROM license_details WHERE status = ?5 AND id < ?1 AND (?2 IS NULL OR plan = ?2)
  AND (?3 = 0 OR NOT EXISTS (SELECT 1 FROM machines m WHERE m.license_id = license_details.id))
  AND (?7 = 0 OR (?7 = 1) = (expires_at IS NULL OR expires_at > ?6))
ORDER BY id DESC LIMIT CAST(?4 AS INTEGER)
