-- Notes which addresses tried which codes that nobody has, of a slice of the audit log and hours that are not done, if the
-- run is the batch's own. Indexes: primary keys of audit_log, anomaly_tries and anomaly_walk.
-- ?1 rows after this one, ?2 up to this one, ?3 run
INSERT INTO anomaly_tries (hour, address_hash, code, count)
SELECT at / 3600000, address_hash, iif(json_valid(details), details ->> 'code', NULL), 1 FROM audit_log
WHERE seq > CAST(?1 AS INTEGER) AND seq <= CAST(?2 AS INTEGER) AND address_hash IS NOT NULL
  AND outcome = 'denied' AND reason = 'unknown_license'
  AND iif(json_valid(details), details ->> 'code', NULL) IS NOT NULL
  AND at / 3600000 >= (SELECT hour FROM anomaly_walk WHERE id = 1)
  AND (SELECT run FROM anomaly_walk WHERE id = 1) = ?3
ON CONFLICT DO UPDATE SET count = count + 1
