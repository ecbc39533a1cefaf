-- Raises alerts: a new row, or the unresolved one counted up. Its notice becomes this batch where somebody is to be told:
-- it opens, it gets worse, or it is seen after its snooze. Indexes: alerts_unresolved, alert_rules primary key,
-- audit_log (request_id, item).
-- ?1 JSON array of {id, kind, subject, severity, level, details, needed}, ?2 now, ?3 this batch, ?4 request id of an
-- audit row without which nothing is raised, or NULL, ?5 item of that row
INSERT INTO alerts (id, kind, subject, severity, level, state, details, count, needed, first_at, last_at, notice)
SELECT value ->> 'id', value ->> 'kind', value ->> 'subject',
  ifnull((SELECT r.severity FROM alert_rules r WHERE r.kind = value ->> 'kind'), value ->> 'severity'),
  value ->> 'level', iif(value ->> 'needed' > 1, 'pending', 'open'), value ->> 'details', 1, value ->> 'needed',
  CAST(?2 AS INTEGER), CAST(?2 AS INTEGER), iif(value ->> 'needed' > 1, NULL, ?3)
FROM json_each(?1)
WHERE (?4 IS NULL OR EXISTS (SELECT 1 FROM audit_log WHERE request_id = ?4 AND item = ?5))
  AND NOT EXISTS (SELECT 1 FROM alert_rules r WHERE r.kind = value ->> 'kind' AND r.enabled = 0)
ON CONFLICT (kind, subject) WHERE state <> 'resolved' DO UPDATE SET
  notice = CASE
    WHEN state = 'pending' THEN iif(count + 1 >= excluded.needed, ?3, NULL)
    WHEN snoozed_until > ?2 THEN notice
    WHEN instr('info warning critical', excluded.severity) > instr('info warning critical', severity) OR excluded.level > level
      OR (state = 'open' AND snoozed_until IS NOT NULL) THEN ?3
    ELSE notice END,
  state = CASE
    WHEN state = 'pending' THEN iif(count + 1 >= excluded.needed, 'open', 'pending')
    WHEN ifnull(snoozed_until > ?2, 0) THEN state
    WHEN instr('info warning critical', excluded.severity) > instr('info warning critical', severity) OR excluded.level > level THEN 'open'
    ELSE state END,
  snoozed_until = iif(snoozed_until <= ?2, NULL, snoozed_until),
  severity = iif(instr('info warning critical', excluded.severity) > instr('info warning critical', severity), excluded.severity, severity),
  level = max(level, excluded.level), details = excluded.details, count = count + 1, needed = excluded.needed,
  last_at = excluded.last_at
