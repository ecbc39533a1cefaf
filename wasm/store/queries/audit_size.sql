-- How many records the log has ever had, as one row. Index: audit_log primary key.
SELECT ifnull(max(seq), 0) AS size FROM audit_log
