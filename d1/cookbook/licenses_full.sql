-- Licences with no seat left: the next machine of theirs is refused.
-- Reads all licences.
-- @columns id, code_hint, plan, machines_used integer, max_machines integer, last_provision time
SELECT id, code_hint, plan, machines_used, max_machines, last_provision
FROM v_licenses WHERE status = 'active' AND machines_used >= max_machines
ORDER BY last_provision DESC LIMIT 200
