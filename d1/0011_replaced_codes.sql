-- A code that was replaced must not live on in KV's copy, even where KV refused to hear of it at the time.

ALTER TABLE licenses ADD COLUMN replaced_codes TEXT;                     -- JSON array of code hashes that KV may still hold; NULL: none
