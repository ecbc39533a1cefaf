-- How many licences a bulk act is about. Indexes: primary keys of licenses and machines.
-- ?1 id behind which to begin, ?2 plan or NULL, ?3 1 for never provisioned, ?4 stored status or NULL, ?5 now,
-- ?6 wanted: 0 any, 1 not past its end, 2 past its end; ?7 ends before, or NULL
SELECT count(*) AS matched FROM licenses WHERE id > ?1 AND (?2 IS NULL OR plan = ?2)
  AND (?3 = 0 OR NOT EXISTS (SELECT 1 FROM machines m WHERE m.license_id = licenses.id))
  AND (?4 IS NULL OR status = ?4) AND (?6 = 0 OR (?6 = 1) = (expires_at IS NULL OR expires_at > ?5))
  AND (?7 IS NULL OR expires_at < ?7)
