-- Throttles licences, suspends them, or takes the throttle back, if the run is the batch's own; sharing_claim has seen to
-- their versions. Indexes: primary keys of sharing_walk and licenses.
-- ?1 JSON array of {id, suspend, requests_per_hour}, ?2 run, ?3 now
UPDATE licenses SET status = iif(w.suspend, 'suspended', status),
  status_reason = iif(w.suspend, 'sharing', status_reason), requests_per_hour = w.requests_per_hour,
  version = licenses.version + 1, updated_at = CAST(?3 AS INTEGER)
FROM (SELECT value ->> 'id' AS id, value ->> 'suspend' AS suspend, value ->> 'requests_per_hour' AS requests_per_hour
  FROM json_each(?1)) w
WHERE licenses.id = w.id AND (SELECT run FROM sharing_walk WHERE id = 1) = ?2
