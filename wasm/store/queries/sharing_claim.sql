-- First of a batch: moves the walk if nobody did since it was read and no licence that the batch changes was changed.
-- The statements after it ask whether the run is theirs. Indexes: primary keys of sharing_walk and licenses.
-- ?1 revision presumed, ?2 audit rows up to this one are folded; NULL: as before, ?3 run, ?4 JSON array of {id, version}
UPDATE sharing_walk SET revision = revision + 1, audit_seq = ifnull(CAST(?2 AS INTEGER), audit_seq), run = ?3
WHERE id = 1 AND revision = ?1 AND NOT EXISTS (SELECT 1 FROM json_each(?4) w
  WHERE NOT EXISTS (SELECT 1 FROM licenses WHERE id = w.value ->> 'id' AND version = w.value ->> 'version'))
RETURNING revision
