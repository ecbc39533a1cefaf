-- What is true of the whole service, as one row. GET /metrics, GET /admin/doctor. Indexes: primary keys of audit_log,
-- audit_checkpoints, usage_events and prices; audit_log_backups, admin_tokens_by_name, admin_tokens_managing.
-- ?1 now
SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000 AS d1_at, cron_steps, bootstrap_enabled,
  ring_version - kv_ring_version AS ring_behind, epoch - kv_epoch AS epoch_behind,
  usage_rolled_seq, ifnull((SELECT max(seq) FROM usage_events), 0) AS usage_seq,
  ifnull((SELECT max(seq) FROM audit_log), 0) AS audit_seq,
  ifnull((SELECT max(size) FROM audit_checkpoints), 0) AS checkpoint_size,
  (SELECT at FROM audit_checkpoints WHERE size = (SELECT max(size) FROM audit_checkpoints)) AS checkpoint_at,
  (SELECT max(at) FROM audit_log WHERE action = 'backup.made') AS backup_at,
  ifnull((SELECT max(version) FROM prices), 0) AS price_version,
  (SELECT created_at FROM prices WHERE version = (SELECT max(version) FROM prices)) AS price_at,
  (SELECT max(name) FROM d1_migrations) AS migration, (SELECT count(*) FROM d1_migrations) AS num_migrations,
  (SELECT count(*) FROM admin_tokens WHERE revoked_at IS NULL AND ifnull(expires_at > ?1, 1)) AS live_tokens,
  EXISTS (SELECT 1 FROM admin_tokens WHERE manages_tokens = 1 AND revoked_at IS NULL AND ifnull(expires_at > ?1, 1))
    AS has_manager
FROM state
