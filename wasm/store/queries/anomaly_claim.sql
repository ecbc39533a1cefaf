-- First of a batch: moves the anomaly walk if nobody did since it was read, and no restore is running. The statements
-- after it ask whether the run is theirs. Indexes: anomaly_walk primary key, restores_running.
-- ?1 revision presumed, ?2 audit rows up to this one are noted, ?3 hours before this one are done, ?4 and of this one
-- licences up to this one, ?5 run
UPDATE anomaly_walk SET revision = revision + 1, audit_seq = CAST(?2 AS INTEGER), hour = CAST(?3 AS INTEGER),
  license_id = ?4, run = ?5
WHERE id = 1 AND revision = ?1 AND NOT EXISTS (SELECT 1 FROM restores WHERE state = 'running')
RETURNING revision
