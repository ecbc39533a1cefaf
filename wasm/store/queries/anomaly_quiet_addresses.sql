-- Ends the alarms of addresses, if the run is the batch's own. Indexes: primary keys of anomaly_walk and
-- anomaly_addresses.
-- ?1 JSON array of {address_hash}, ?2 run
UPDATE anomaly_addresses SET alarm_hour = NULL
WHERE address_hash IN (SELECT value ->> 'address_hash' FROM json_each(?1))
  AND (SELECT run FROM anomaly_walk WHERE id = 1) = ?2
