-- What a provider said of its key, by the run that has the check. Index: key_checks primary key.
-- ?1 provider, ?2 how long this run has it, ?3 verdict, ?4 detail, ?5 now, ?6 when the next one is due
UPDATE key_checks SET verdict = ?3, detail = ?4, checked_at = CAST(?5 AS INTEGER), due_at = CAST(?6 AS INTEGER)
WHERE provider = ?1 AND due_at = ?2
RETURNING provider
