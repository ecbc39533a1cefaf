-- Which tables hold rows that no migration put there. Made by tests/native/backup/tables_test.cc.
-- Indexes: primary keys.
SELECT EXISTS (SELECT 1 FROM usage_hourly WHERE license_id > '') AS usage_hourly,
  EXISTS (SELECT 1 FROM usage_daily WHERE license_id > '') AS usage_daily,
  EXISTS (SELECT 1 FROM usage_totals WHERE hour > 0) AS usage_totals,
  EXISTS (SELECT 1 FROM license_spend WHERE license_id > '') AS license_spend,
  EXISTS (SELECT 1 FROM usage_events WHERE seq > 0) AS usage_events,
  EXISTS (SELECT 1 FROM prices WHERE version > 0) AS prices,
  EXISTS (SELECT 1 FROM payment_deliveries WHERE id > '') AS payment_deliveries,
  EXISTS (SELECT 1 FROM payment_aliases WHERE alias > '') AS payment_aliases,
  EXISTS (SELECT 1 FROM payment_events WHERE seq > 0) AS payment_events,
  EXISTS (SELECT 1 FROM purchases WHERE id > '') AS purchases,
  EXISTS (SELECT 1 FROM machines WHERE license_id > '') AS machines,
  EXISTS (SELECT 1 FROM sharing WHERE license_id > '') AS sharing,
  EXISTS (SELECT 1 FROM rotations WHERE id > '') AS rotations,
  EXISTS (SELECT 1 FROM provider_keys WHERE id > '') AS provider_keys,
  EXISTS (SELECT 1 FROM admin_tokens WHERE id > '') AS admin_tokens,
  EXISTS (SELECT 1 FROM licenses WHERE id > '') AS licenses,
  EXISTS (SELECT 1 FROM plans WHERE name > '' AND created_by <> 'migration') AS plans
