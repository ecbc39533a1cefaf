-- Rotations that are not over, and what they wait for.
-- Reads all rotations.
-- @columns id, provider, state, from_version integer, to_version integer, verdict, old_verdict, failure, actor
-- @columns created time, published time, grace_ends time, ended time
SELECT * FROM v_rotation_status WHERE ended IS NULL ORDER BY created DESC
