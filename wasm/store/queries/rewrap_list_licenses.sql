-- A slice of the sealed holders, to be sealed anew. Index: licenses primary key.
-- ?1 after this id, ?2 how many
SELECT id, holder AS sealed FROM licenses WHERE id > ?1 ORDER BY id LIMIT CAST(?2 AS INTEGER)
