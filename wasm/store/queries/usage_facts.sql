-- What a report's verdict and answer are made of, and the table of prices in force where it is not the one that was
-- presumed. POST /usage/report.
-- Indexes: licenses.code_hash, machines primary key, rate_limits, prices and license_spend primary keys.
-- ?1 the address's subject, ?2 code hash or NULL, ?3 machine hash, ?4 today, ?5 the month's first day,
-- ?6 the version of the prices that was presumed
SELECT newest.version AS price_version,
  (SELECT body FROM prices WHERE version = newest.version AND version <> CAST(?6 AS INTEGER)) AS price_body,
  i.window AS address_window, i.over_recorded AS address_over, r.window AS license_window,
  r.over_recorded AS license_over, l.id, m.id AS machine_id, l.budget,
  (SELECT cost FROM license_spend WHERE license_id = l.id AND day = CAST(?4 AS INTEGER)) AS today,
  (SELECT min(total(cost), 9007199254740992) FROM license_spend
    WHERE license_id = l.id AND day >= CAST(?5 AS INTEGER)) AS month,
  iif(l.budget ->> 'total' IS NULL, NULL, (SELECT min(total(cost), 9007199254740992) FROM license_spend
    WHERE license_id = l.id)) AS total
FROM rate_limits i CROSS JOIN (SELECT ifnull(max(version), 0) AS version FROM prices) newest
  LEFT JOIN licenses l ON l.code_hash = CAST(?2 AS TEXT)
  LEFT JOIN rate_limits r ON r.subject = 'report:' || l.id
  LEFT JOIN machines m ON m.license_id = l.id AND m.machine_hash = CAST(?3 AS TEXT)
WHERE i.subject = CAST(?1 AS TEXT)
