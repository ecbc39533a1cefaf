-- Frees the seats whose release this request's audit rows say. Indexes: audit_log (request_id, item), machines.id.
-- ?1 request id, ?2 now, ?3 until when no other machine gets them, or NULL
UPDATE machines SET released_at = CAST(?2 AS INTEGER), seat_held_until = CAST(?3 AS INTEGER), version = version + 1
WHERE released_at IS NULL AND id IN (
  SELECT details ->> 'machine_id' FROM audit_log WHERE request_id = ?1 AND action = 'machine.released')
