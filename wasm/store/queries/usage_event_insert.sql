-- Stores the events of a report if the facts allow it (usage/report.cc, decide_report, says the same), priced by
-- the table in force; those with an id that is there already are left out. POST /usage/report.
-- Indexes: licenses.code_hash, machines primary key, rate_limits and prices primary keys, usage_events
-- (license_id, event_id).
-- ?1 JSON array of rows, ?2 code hash, ?3 machine hash, ?4 a random number of this report, ?5 now, ?6 the version
-- of the prices, ?7 the address's subject, ?8 address limit, ?9 licence limit, ?10 licence of the receipt or NULL
INSERT INTO usage_events (license_id, plan, machine_id, report, received_at, price_version, event_id, at, provider, model,
  input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost)
SELECT l.id, l.plan, m.id, CAST(?4 AS INTEGER), CAST(?5 AS INTEGER), CAST(?6 AS INTEGER), e.value ->> 0, e.value ->> 1,
  e.value ->> 2, e.value ->> 3, e.value ->> 4, e.value ->> 5, e.value ->> 6, e.value ->> 7, e.value ->> 8
FROM licenses l CROSS JOIN machines m CROSS JOIN json_each(?1) e
WHERE l.code_hash = CAST(?2 AS TEXT) AND m.license_id = l.id AND m.machine_hash = CAST(?3 AS TEXT)
  AND (SELECT ifnull(max(version), 0) FROM prices) = ?6 AND ifnull(l.id = ?10, 1)
  AND (SELECT window % 1000000 FROM rate_limits WHERE subject = CAST(?7 AS TEXT)) <= ?8
  AND (SELECT window % 1000000 FROM rate_limits WHERE subject = 'report:' || l.id) <= ?9
ON CONFLICT DO NOTHING
