-- Sets a kind's rule. Index: alert_rules primary key.
-- ?1 kind, ?2 enabled (1 or 0), ?3 severity or NULL, ?4 actor, ?5 now
INSERT INTO alert_rules (kind, enabled, severity, updated_by, updated_at)
VALUES (?1, CAST(?2 AS INTEGER), ?3, ?4, CAST(?5 AS INTEGER))
ON CONFLICT (kind) DO UPDATE SET enabled = excluded.enabled, severity = excluded.severity,
  updated_by = excluded.updated_by, updated_at = excluded.updated_at
