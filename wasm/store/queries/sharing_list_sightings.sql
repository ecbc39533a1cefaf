-- Who asked for keys in the next slice of the audit log: grants, and denials for want of a seat. Cron. Indexes: primary
-- keys of sharing_walk and audit_log.
-- ?1 how many audit rows a slice has
SELECT at, action, license_id, machine_hash, country, details FROM (SELECT * FROM audit_log
  WHERE seq > (SELECT audit_seq FROM sharing_walk WHERE id = 1) ORDER BY seq LIMIT CAST(?1 AS INTEGER))
WHERE license_id IS NOT NULL AND machine_hash IS NOT NULL
  AND (action = 'provision.granted' OR (action = 'provision.denied' AND reason = 'machine_limit'))
