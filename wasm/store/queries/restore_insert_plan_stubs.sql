-- The plan versions that a slice of licences names, with the terms the licences have of them, until the
-- backup's own rows of plans take their place; plans come after licences. Index: plans primary key.
-- ?1 JSON array of licences, ?2 backup, ?3 line
INSERT INTO plans (name, version, providers, deliveries, max_machines, created_at)
SELECT value ->> 'plan', value ->> 'plan_version', value ->> 'providers', value ->> 'deliveries',
  value ->> 'max_machines', 0
FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)
ON CONFLICT DO NOTHING
