-- Records for people, newest first, of the next few thousand: what a filter leaves may be none of them.
-- Index: audit_log primary key.
-- ?1 seq before which to go on, ?2 how many are looked at, ?3 action or NULL, ?4 licence id or NULL, ?5 not before
-- or NULL, ?6 not after or NULL, ?7 page rows
SELECT * FROM audit_log
WHERE seq < min(CAST(?1 AS INTEGER), (SELECT max(seq) + 1 FROM audit_log))
  AND seq >= min(CAST(?1 AS INTEGER), (SELECT max(seq) + 1 FROM audit_log)) - CAST(?2 AS INTEGER)
  AND ifnull(action = ?3, ?3 IS NULL) AND ifnull(license_id = ?4, ?4 IS NULL)
  AND ifnull(at >= ?5, 1) AND ifnull(at <= ?6, 1)
ORDER BY seq DESC LIMIT CAST(?7 AS INTEGER)
