-- The end of a restore: ring and epoch move past all that isolates, clients and KV can have seen, and KV is known
-- to hold nothing of it; sums of usage are gone through anew. One row; index: restores primary key.
-- ?1 the backup's state as JSON, ?2 backup, ?3 line, ?4 1: ADMIN_TOKEN counts, whatever the backup says
UPDATE state SET
  ring_version = max(ring_version, CAST(?1 ->> 'ring_version' AS INTEGER)) + 1000000,
  epoch = max(epoch, CAST(?1 ->> 'epoch' AS INTEGER)) + 1000000,
  kv_ring_version = 0, kv_epoch = 0, kv_audit_seq = (SELECT ifnull(max(seq), 0) FROM audit_log),
  usage_rolled_seq = 0, cron_steps = '{}',
  bootstrap_enabled = iif(?4 = 1, 1, CAST(?1 ->> 'bootstrap_enabled' AS INTEGER))
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
