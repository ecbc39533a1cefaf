-- How a licence is used, and its open alert. GET /admin/licenses/{license_id}/anomaly. Indexes: primary keys of licenses
-- and anomaly_trails, alerts_unresolved.
-- ?1 licence id
SELECT l.id, l.code_hint, l.plan, l.status, t.trail, t.hour, t.score, t.has_baseline, t.reasons, t.alarm_hour,
  t.alarm_score, t.alarm_reasons, t.scored_at, a.id AS alert_id, a.state AS alert_state, a.count AS alert_count,
  a.first_at AS alert_since
FROM licenses l LEFT JOIN anomaly_trails t ON t.license_id = l.id
  LEFT JOIN alerts a ON a.kind = 'license_anomaly' AND a.subject = l.id AND a.state <> 'resolved' AND a.state <> 'pending'
WHERE l.id = ?1
