-- Records in the order of the log. Index: audit_log primary key.
-- ?1 seq after which they begin, ?2 how many at most
SELECT * FROM audit_log WHERE seq > CAST(?1 AS INTEGER) ORDER BY seq LIMIT CAST(?2 AS INTEGER)
