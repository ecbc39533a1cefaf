-- Counts over tables that grow, each to a bound, as one row. GET /metrics, GET /admin/doctor. Indexes:
-- licenses_behind_kv, machines_by_last_seen, webhook_deliveries_due, webhook_deliveries_by_time, payment_events_due,
-- payment_deliveries_due, payment_deliveries_given_up.
-- ?1 bound, ?2 machines seen since are active, ?3 messages made since count as failed
SELECT (SELECT count(*) FROM (SELECT 1 FROM licenses WHERE version > kv_version LIMIT CAST(?1 AS INTEGER)))
    AS licenses_behind_kv,
  (SELECT count(*) FROM (SELECT 1 FROM machines WHERE released_at IS NULL AND last_seen_at > ?2
    LIMIT CAST(?1 AS INTEGER))) AS machines,
  (SELECT count(*) FROM (SELECT 1 FROM webhook_deliveries WHERE due_at > 0 LIMIT CAST(?1 AS INTEGER))) AS messages_due,
  (SELECT min(due_at) FROM webhook_deliveries WHERE due_at > 0) AS message_due_at,
  (SELECT ifnull(sum(state = 'failed'), 0) FROM (SELECT state FROM webhook_deliveries WHERE created_at > ?3
    LIMIT CAST(?1 AS INTEGER))) AS messages_failed,
  (SELECT count(*) FROM (SELECT 1 FROM payment_events WHERE due_at > 0 LIMIT CAST(?1 AS INTEGER))) AS payments_due,
  (SELECT count(*) FROM (SELECT 1 FROM payment_deliveries WHERE due_at > 0 LIMIT CAST(?1 AS INTEGER))) AS codes_due,
  (SELECT ifnull(sum(state = 'given_up'), 0) FROM (SELECT state FROM payment_deliveries WHERE state <> 'delivered'
    LIMIT CAST(?1 AS INTEGER))) AS codes_given_up
