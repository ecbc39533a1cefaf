-- Moves the version of each licence with a seat taken since KV was last brought up to date, so that
-- license_list_behind_kv lists it. Indexes: primary keys of audit_log, machines, licenses.
-- ?1 how many audit rows to look at
UPDATE licenses SET version = version + 1 WHERE id IN (
  SELECT a.license_id FROM audit_log a CROSS JOIN machines m
  WHERE a.seq > (SELECT kv_audit_seq FROM state) AND a.seq <= (SELECT kv_audit_seq FROM state) + CAST(?1 AS INTEGER)
    AND a.action = 'provision.granted'
    AND m.license_id = a.license_id AND m.machine_hash = a.machine_hash AND m.seated_at = a.at)
