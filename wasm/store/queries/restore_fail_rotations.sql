-- Rotations of a backup that can't go on: the new key is not there, or was not opened. Indexes: rotations_open,
-- provider_keys primary key, restores primary key.
-- ?1 now, ?2 backup, ?3 line
UPDATE rotations SET state = 'failed', failure = 'key_lost', due_at = NULL, ended_at = CAST(?1 AS INTEGER),
  updated_at = CAST(?1 AS INTEGER), revision = revision + 1
WHERE state IN ('staged', 'verified', 'published')
  AND NOT EXISTS (SELECT 1 FROM provider_keys k WHERE k.id = rotations.key_id AND k.sealed IS NOT NULL)
  AND EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
