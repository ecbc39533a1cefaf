-- One row, no index.
SELECT ring_version, epoch, kv_ring_version, kv_epoch, kv_audit_seq FROM state
