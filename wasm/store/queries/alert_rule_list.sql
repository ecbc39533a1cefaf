-- What admins set of kinds of alerts. A handful of rows.
SELECT kind, enabled, severity, updated_by, updated_at FROM alert_rules
