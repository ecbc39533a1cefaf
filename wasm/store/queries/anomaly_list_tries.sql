-- The addresses that tried the most codes in an hour, and their trails. Cron. Indexes: primary keys of anomaly_tries and
-- anomaly_addresses.
-- ?1 hour, ?2 from so many codes on, ?3 how many addresses
SELECT page.address_hash, page.codes, page.refused, a.tries, a.hour, a.alarm_hour
FROM (SELECT address_hash, count(*) AS codes, CAST(min(total(count), 9007199254740992) AS INTEGER) AS refused
  FROM anomaly_tries WHERE hour = CAST(?1 AS INTEGER)
  GROUP BY address_hash HAVING count(*) >= CAST(?2 AS INTEGER)
  ORDER BY codes DESC, address_hash LIMIT CAST(?3 AS INTEGER)) page
  LEFT JOIN anomaly_addresses a ON a.address_hash = page.address_hash
