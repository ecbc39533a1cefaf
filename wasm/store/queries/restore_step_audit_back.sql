-- The second half of restore_step_audit_aside. Index: audit_log primary key.
UPDATE audit_log SET seq = -seq WHERE seq < 0
