-- The next licences with something in an hour: what it was, and their trails. Cron. Indexes: usage_hourly_by_hour, primary
-- keys of usage_hourly, anomaly_seen and anomaly_trails.
-- ?1 hour, ?2 licence after which to go on, ?3 how many, ?4 how many models and countries of each
SELECT page.license_id,
  (SELECT CAST(min(total(requests), 9007199254740992) AS INTEGER) FROM usage_hourly u
    WHERE u.license_id = page.license_id AND u.hour = CAST(?1 AS INTEGER)) AS requests,
  (SELECT CAST(min(total(input_tokens) + total(output_tokens), 9007199254740992) AS INTEGER) FROM usage_hourly u
    WHERE u.license_id = page.license_id AND u.hour = CAST(?1 AS INTEGER)) AS tokens,
  (SELECT CAST(min(total(cost), 9007199254740992) AS INTEGER) FROM usage_hourly u
    WHERE u.license_id = page.license_id AND u.hour = CAST(?1 AS INTEGER)) AS cost,
  (SELECT json_group_array(model) FROM (SELECT DISTINCT provider, model FROM usage_hourly u
    WHERE u.license_id = page.license_id AND u.hour = CAST(?1 AS INTEGER) LIMIT CAST(?4 AS INTEGER))) AS models,
  (SELECT json_group_array(name) FROM (SELECT name FROM anomaly_seen s WHERE s.hour = CAST(?1 AS INTEGER)
    AND s.license_id = page.license_id AND what = 'country' LIMIT CAST(?4 AS INTEGER))) AS countries,
  (SELECT count(*) FROM anomaly_seen s WHERE s.hour = CAST(?1 AS INTEGER)
    AND s.license_id = page.license_id AND what = 'no_seat') AS machines_refused,
  (SELECT CAST(total(count) AS INTEGER) FROM anomaly_seen s WHERE s.hour = CAST(?1 AS INTEGER)
    AND s.license_id = page.license_id AND what = 'limited') AS windows_over,
  t.trail, t.hour, t.alarm_hour, t.alarm_score, t.alarm_reasons
FROM (SELECT license_id FROM usage_hourly WHERE hour = CAST(?1 AS INTEGER) AND license_id > ?2
  UNION SELECT license_id FROM anomaly_seen WHERE hour = CAST(?1 AS INTEGER) AND license_id > ?2
  ORDER BY license_id LIMIT CAST(?3 AS INTEGER)) page
  LEFT JOIN anomaly_trails t ON t.license_id = page.license_id
