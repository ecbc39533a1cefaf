-- One audit row for each alarm and each that ended, if the run is the batch's own. Indexes: audit_log (request_id, item),
-- anomaly_walk primary key.
-- ?1 at, ?2 run, which is the request id too, ?3 JSON array of {action, license_id, address_hash, details}
INSERT INTO audit_log (at, request_id, item, action, outcome, actor, license_id, address_hash, details)
SELECT CAST(?1 AS INTEGER), ?2, key, value ->> 'action', 'done', 'cron', value ->> 'license_id',
  value ->> 'address_hash', value ->> 'details'
FROM json_each(?3) WHERE (SELECT run FROM anomaly_walk WHERE id = 1) = ?2
