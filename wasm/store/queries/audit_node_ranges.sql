-- Kept nodes of the tree, by their places. Index: audit_nodes primary key.
-- ?1 JSON array of {level, begin, end}
SELECT n.level, n.number, n.hash FROM json_each(?1) r CROSS JOIN audit_nodes n
WHERE n.level = r.value ->> 'level' AND n.number >= r.value ->> 'begin' AND n.number < r.value ->> 'end'
