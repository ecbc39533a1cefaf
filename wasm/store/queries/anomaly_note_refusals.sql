-- Notes which machines of a licence found no seat, and its windows over their limit, of a slice of the audit log and hours
-- that are not done, if the run is the batch's own. Indexes: primary keys of audit_log, anomaly_seen and anomaly_walk.
-- ?1 rows after this one, ?2 up to this one, ?3 run
INSERT INTO anomaly_seen (hour, license_id, what, name, count)
SELECT at / 3600000, license_id, iif(reason = 'machine_limit', 'no_seat', 'limited'),
  iif(reason = 'machine_limit', substr(ifnull(machine_hash, ''), 1, 16), ''), 1 FROM audit_log
WHERE seq > CAST(?1 AS INTEGER) AND seq <= CAST(?2 AS INTEGER) AND license_id IS NOT NULL
  AND outcome = 'denied' AND reason IN ('machine_limit', 'license_over_limit')
  AND at / 3600000 >= (SELECT hour FROM anomaly_walk WHERE id = 1)
  AND (SELECT run FROM anomaly_walk WHERE id = 1) = ?3
ON CONFLICT DO UPDATE SET count = count + 1
