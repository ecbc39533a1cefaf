-- Thins the signed heads that are old: the last one of each day (UTC) stays. Those that stand in records which are
-- gone go too: nothing proves anything of them. The newest stays. Cron. Indexes: audit_checkpoints primary key,
-- audit_log primary key.
-- ?1 from when on all are kept, ?2 how many at most
DELETE FROM audit_checkpoints WHERE size IN (
  SELECT c.size FROM audit_checkpoints c
  WHERE c.size >= 0 AND c.size < (SELECT max(size) FROM audit_checkpoints)
    AND (c.size < (SELECT min(seq) - 1 FROM audit_log) OR (c.at < ?1 AND c.at / 86400000 =
      (SELECT n.at / 86400000 FROM audit_checkpoints n WHERE n.size > c.size ORDER BY n.size LIMIT 1)))
  ORDER BY c.size LIMIT CAST(?2 AS INTEGER))
