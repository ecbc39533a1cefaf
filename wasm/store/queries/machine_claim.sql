-- Claims or touches the seat of a granted provision: only if its audit row is there.
-- Indexes: audit_log (request_id, item), machines primary key.
-- ?1 request id, ?2 machine id for a new row, ?3 app version, ?4 secrets tag
INSERT INTO machines (license_id, machine_hash, id, first_seen_at, last_seen_at, seated_at, country,
  app_version, ring_version, secrets_tag)
SELECT a.license_id, a.machine_hash, ?2, a.at, a.at, a.at, a.country, ?3, s.ring_version, ?4
FROM audit_log a CROSS JOIN state s WHERE a.request_id = ?1 AND a.outcome = 'granted'
ON CONFLICT DO UPDATE SET
  last_seen_at = max(last_seen_at, excluded.last_seen_at), country = excluded.country,
  app_version = ifnull(excluded.app_version, app_version), ring_version = excluded.ring_version,
  secrets_tag = excluded.secrets_tag,
  seated_at = iif(released_at IS NULL, seated_at, excluded.seated_at), released_at = NULL
