-- Says that something of these licences changed, so that KV follows: those with a seat that this request's
-- audit rows say to be released. Indexes: audit_log (request_id, item), licenses primary key.
-- ?1 request id, ?2 now
UPDATE licenses SET version = version + 1, updated_at = CAST(?2 AS INTEGER) WHERE id IN (
  SELECT license_id FROM audit_log WHERE request_id = ?1 AND action = 'machine.released')
