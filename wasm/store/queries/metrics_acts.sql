-- What was granted and refused lately, by why; of the newest records, to a bound. GET /metrics, GET /admin/doctor.
-- Index: audit_log (request_id, item), because a request's id begins with its time.
-- ?1 request ids from this one on, ?2 bound
SELECT action, reason, count(*) AS num
FROM (SELECT action, outcome, reason FROM audit_log WHERE request_id >= ?1 ORDER BY request_id DESC
  LIMIT CAST(?2 AS INTEGER))
WHERE outcome IN ('granted', 'denied') GROUP BY action, reason
