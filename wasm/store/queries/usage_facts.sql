-- What a report's verdict and answer are made of. POST /usage/report.
-- Indexes: licenses.code_hash, machines primary key, rate_limits primary key, usage_events and license_spend
-- primary keys.
-- ?1 the address's subject, ?2 code hash or NULL, ?3 machine hash, ?4 the report's number, ?5 how many rows it can
-- have stored, ?6 today, ?7 the month's first day
SELECT (SELECT ifnull(max(version), 0) FROM prices) AS price_version, i.window AS address_window, i.over_recorded AS address_over, r.window AS license_window,
  r.over_recorded AS license_over, l.id, m.id AS machine_id, l.budget,
  (SELECT count(*) FROM usage_events WHERE seq > (SELECT max(seq) FROM usage_events) - CAST(?5 AS INTEGER)
    AND report = CAST(?4 AS INTEGER)) AS num_stored,
  (SELECT count(*) - count(cost) FROM usage_events WHERE seq > (SELECT max(seq) FROM usage_events) - CAST(?5 AS INTEGER)
    AND report = CAST(?4 AS INTEGER)) AS num_unpriced,
  (SELECT cost FROM license_spend WHERE license_id = l.id AND day = CAST(?6 AS INTEGER)) AS today,
  (SELECT min(total(cost), 9007199254740992) FROM license_spend
    WHERE license_id = l.id AND day >= CAST(?7 AS INTEGER)) AS month,
  iif(l.budget ->> 'total' IS NULL, NULL, (SELECT min(total(cost), 9007199254740992) FROM license_spend
    WHERE license_id = l.id)) AS total
FROM rate_limits i LEFT JOIN licenses l ON l.code_hash = CAST(?2 AS TEXT)
  LEFT JOIN rate_limits r ON r.subject = 'report:' || l.id
  LEFT JOIN machines m ON m.license_id = l.id AND m.machine_hash = CAST(?3 AS TEXT)
WHERE i.subject = CAST(?1 AS TEXT)
