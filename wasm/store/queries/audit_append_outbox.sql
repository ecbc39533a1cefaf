-- Audit rows that waited in KV; one that is here already is left as it is. Index: audit_log
-- (request_id, item).
-- ?1 JSON array of rows
INSERT INTO audit_log (at, request_id, action, outcome, reason, actor, license_id, machine_hash, address_hash,
  country, user_agent, details)
SELECT value ->> 'at', value ->> 'request_id', value ->> 'action', value ->> 'outcome', value ->> 'reason',
  value ->> 'actor', value ->> 'license_id', value ->> 'machine_hash', value ->> 'address_hash',
  value ->> 'country', value ->> 'user_agent', value ->> 'details'
FROM json_each(?1) WHERE true
ON CONFLICT (request_id, item) DO NOTHING
