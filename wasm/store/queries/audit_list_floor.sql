-- Where audit_list stops looking, as one row: the lowest seq that it looks at, its time, and whether older records are
-- there. Index: audit_log primary key.
-- ?1 and ?2 as in audit_list
SELECT seq, at, EXISTS (SELECT 1 FROM audit_log o WHERE o.seq < f.seq) AS older
FROM audit_log f
WHERE seq >= min(CAST(?1 AS INTEGER), (SELECT max(seq) + 1 FROM audit_log)) - CAST(?2 AS INTEGER)
ORDER BY seq LIMIT 1
