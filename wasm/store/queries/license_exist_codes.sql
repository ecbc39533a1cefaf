-- Which of these codes are taken: a dry run. Index: licenses.code_hash.
-- ?1 JSON array of code hashes
SELECT value AS code_hash FROM json_each(?1)
WHERE EXISTS (SELECT 1 FROM licenses WHERE code_hash = value)
