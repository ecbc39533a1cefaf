-- How far the audit log is folded, and where its next slice ends: NULL where there is none. Cron. Indexes: primary
-- keys of sharing_walk and audit_log.
-- ?1 how many audit rows a slice has
SELECT audit_seq, revision, (SELECT max(seq) FROM (SELECT seq FROM audit_log
    WHERE seq > (SELECT audit_seq FROM sharing_walk WHERE id = 1) ORDER BY seq LIMIT CAST(?1 AS INTEGER))) AS until_seq
FROM sharing_walk WHERE id = 1
