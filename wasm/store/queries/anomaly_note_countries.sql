-- Notes from which countries licences were used, of a slice of the audit log and hours that are not done, if the run is
-- the batch's own. Indexes: primary keys of audit_log, anomaly_seen and anomaly_walk.
-- ?1 rows after this one, ?2 up to this one, ?3 run
INSERT INTO anomaly_seen (hour, license_id, what, name, count)
SELECT at / 3600000, license_id, 'country', country, 1 FROM audit_log
WHERE seq > CAST(?1 AS INTEGER) AND seq <= CAST(?2 AS INTEGER) AND license_id IS NOT NULL
  AND (outcome = 'granted' OR (outcome = 'denied' AND reason IN ('machine_limit', 'license_over_limit')))
  AND length(country) = 2 AND country NOT IN ('XX', 'T1')
  AND at / 3600000 >= (SELECT hour FROM anomaly_walk WHERE id = 1)
  AND (SELECT run FROM anomaly_walk WHERE id = 1) = ?3
ON CONFLICT DO UPDATE SET count = count + 1
