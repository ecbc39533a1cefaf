-- Says that KV must follow licences that it has as blocked and whose events cost something else now.
-- POST /admin/prices/reprice. Indexes: usage_events and licenses primary keys.
-- ?1 JSON array of [seq, cost read, cost now]
UPDATE licenses SET version = version + 1
WHERE kv_blocked_until IS NOT NULL AND id IN (SELECT e.license_id
  FROM json_each(?1) c CROSS JOIN usage_events e NOT INDEXED WHERE e.seq = c.value ->> 0)
