-- Ends the alarms of licences, if the run is the batch's own. Indexes: primary keys of anomaly_walk and anomaly_trails.
-- ?1 JSON array of {license_id}, ?2 run
UPDATE anomaly_trails SET alarm_hour = NULL, alarm_score = NULL, alarm_reasons = NULL
WHERE license_id IN (SELECT value ->> 'license_id' FROM json_each(?1))
  AND (SELECT run FROM anomaly_walk WHERE id = 1) = ?2
