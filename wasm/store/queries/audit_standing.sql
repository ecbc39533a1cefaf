-- How the audit log stands, as one row: how many records it has ever had, how many of the oldest are gone, how many
-- stand in hashed tiles, and whether a restore is running, whose rows are still to come. Indexes: audit_log primary
-- key, audit_nodes primary key, restores_running.
SELECT ifnull((SELECT max(seq) FROM audit_log), 0) AS size,
  ifnull((SELECT min(seq) - 1 FROM audit_log), 0) AS first,
  (SELECT ifnull(max(number) + 1, 0) * 256 FROM audit_nodes WHERE level = 8) AS hashed,
  EXISTS (SELECT 1 FROM restores WHERE state = 'running') AS restoring
