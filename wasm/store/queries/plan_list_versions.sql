-- Every version of a plan, newest first. Index: plans primary key.
-- ?1 name
SELECT * FROM plans WHERE name = ?1 ORDER BY version DESC
