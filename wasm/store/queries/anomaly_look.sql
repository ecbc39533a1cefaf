-- How far the anomaly walk is, and what there is to do: the next slice of the audit log (until_seq is NULL where there is
-- none), the first audit row and the first event that are behind it, the next hour with something in it. Cron. Indexes:
-- primary keys of audit_log, usage_events, anomaly_seen and anomaly_tries; usage_hourly_by_hour, restores_running.
-- ?1 how many audit rows a slice has, ?2 the first hour that is caught up with
SELECT w.audit_seq, w.hour, w.license_id, w.revision,
  (SELECT max(seq) FROM (SELECT seq FROM audit_log
    WHERE seq > (SELECT audit_seq FROM anomaly_walk WHERE id = 1) ORDER BY seq LIMIT CAST(?1 AS INTEGER))) AS until_seq,
  (SELECT at FROM audit_log WHERE seq > w.audit_seq ORDER BY seq LIMIT 1) AS next_audit_at,
  (SELECT received_at FROM usage_events WHERE seq > (SELECT usage_rolled_seq FROM state) ORDER BY seq LIMIT 1)
    AS next_event_at,
  (SELECT hour FROM usage_hourly WHERE hour >= max(w.hour, CAST(?2 AS INTEGER)) ORDER BY hour LIMIT 1) AS used_hour,
  (SELECT hour FROM anomaly_seen WHERE hour >= max(w.hour, CAST(?2 AS INTEGER)) ORDER BY hour LIMIT 1) AS seen_hour,
  (SELECT hour FROM anomaly_tries WHERE hour >= max(w.hour, CAST(?2 AS INTEGER)) ORDER BY hour LIMIT 1) AS tried_hour,
  EXISTS (SELECT 1 FROM restores WHERE state = 'running') AS is_restoring
FROM anomaly_walk w WHERE w.id = 1
