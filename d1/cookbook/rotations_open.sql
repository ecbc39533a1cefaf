-- Rotations that are not over, and what they wait for.
-- Reads all rotations.
SELECT * FROM v_rotation_status WHERE ended IS NULL ORDER BY created DESC
