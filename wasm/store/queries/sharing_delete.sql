-- Forgets licences, if the run is the batch's own. Indexes: primary keys of sharing_walk and sharing.
-- ?1 JSON array of licence ids, ?2 run
DELETE FROM sharing WHERE license_id IN (SELECT value FROM json_each(?1))
  AND (SELECT run FROM sharing_walk WHERE id = 1) = ?2
