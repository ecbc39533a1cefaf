-- Says that a licence is refused from now on, if the run is the batch's own. Indexes: primary keys of sharing_walk and
-- state.
-- ?1 run
UPDATE state SET epoch = epoch + 1 WHERE id = 1 AND (SELECT run FROM sharing_walk WHERE id = 1) = ?1
