-- Which events of a report it did not store itself, and whether those stored are the same. POST /usage/report.
-- Index: usage_events (license_id, event_id).
-- ?1 JSON array of rows, as they were stored, ?2 licence, ?3 machine, ?4 the report's number
SELECT e.key AS place, u.machine_id = ?3 AND u.at = e.value ->> 1 AND u.provider = e.value ->> 2
  AND u.model = e.value ->> 3 AND u.input_tokens = e.value ->> 4 AND u.output_tokens = e.value ->> 5
  AND u.cached_input_tokens = e.value ->> 6 AND u.reasoning_tokens = e.value ->> 7 AS is_same
FROM json_each(?1) e CROSS JOIN usage_events u
WHERE u.license_id = CAST(?2 AS TEXT) AND u.event_id = e.value ->> 0 AND u.report <> CAST(?4 AS INTEGER)
