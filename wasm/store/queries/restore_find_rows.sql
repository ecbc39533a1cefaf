-- Which tables hold rows that no migration put there. Made by tests/native/backup/tables_test.cc.
-- Indexes: primary keys.
SELECT EXISTS (SELECT 1 FROM payment_deliveries WHERE id > '') AS payment_deliveries,
  EXISTS (SELECT 1 FROM payment_aliases WHERE alias > '') AS payment_aliases,
  EXISTS (SELECT 1 FROM payment_events WHERE seq > 0) AS payment_events,
  EXISTS (SELECT 1 FROM purchases WHERE id > '') AS purchases,
  EXISTS (SELECT 1 FROM machines WHERE license_id > '') AS machines,
  EXISTS (SELECT 1 FROM sharing WHERE license_id > '') AS sharing,
  EXISTS (SELECT 1 FROM rotations WHERE id > '') AS rotations,
  EXISTS (SELECT 1 FROM provider_keys WHERE id > '') AS provider_keys,
  EXISTS (SELECT 1 FROM admin_tokens WHERE id > '') AS admin_tokens,
  EXISTS (SELECT 1 FROM alerts WHERE id > '') AS alerts,
  EXISTS (SELECT 1 FROM alert_rules WHERE kind > '') AS alert_rules,
  EXISTS (SELECT 1 FROM webhooks WHERE id > '') AS webhooks,
  EXISTS (SELECT 1 FROM licenses WHERE id > '') AS licenses,
  EXISTS (SELECT 1 FROM plans WHERE name > '' AND created_by <> 'migration') AS plans,
  EXISTS (SELECT 1 FROM audit_nodes WHERE level > 0) AS audit_nodes,
  EXISTS (SELECT 1 FROM audit_checkpoints WHERE size > 0) AS audit_checkpoints
