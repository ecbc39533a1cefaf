-- The audit rows that license_touch_seated has looked at. Index: audit_log primary key.
-- ?1 how many audit rows it looked at
UPDATE state SET kv_audit_seq = min(kv_audit_seq + CAST(?1 AS INTEGER), (SELECT ifnull(max(seq), 0) FROM audit_log))
