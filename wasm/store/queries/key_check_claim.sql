-- Takes a check, for so long that this run is over by then: of one that is due, or of another key than the last time.
-- Index: key_checks primary key.
-- ?1 provider, ?2 tag of the key, ?3 now, ?4 when another run may take it
INSERT INTO key_checks (provider, key_tag, verdict, detail, due_at) VALUES (?1, ?2, 'could_not_ask', '', CAST(?4 AS INTEGER))
ON CONFLICT (provider) DO UPDATE SET key_tag = excluded.key_tag, due_at = excluded.due_at
  WHERE due_at <= ?3 OR key_tag <> excluded.key_tag
RETURNING provider
