-- What payments make of a licence, if the purchase was settled by this attempt, which presumed its version.
-- Indexes: purchases.purchase_key, licenses primary key.
-- ?1 the licence as JSON, ?2 now, ?3 purchase key, ?4 the attempt, ?5 what payments make of it
UPDATE licenses SET status = ?1 ->> 'status', status_reason = ?1 ->> 'status_reason', plan = ?1 ->> 'plan',
  plan_version = ?1 ->> 'plan_version', providers = ?1 ->> 'providers', deliveries = ?1 ->> 'deliveries',
  max_machines = ?1 ->> 'max_machines', expires_at = ?1 ->> 'expires_at', first_use_days = ?1 ->> 'first_use_days',
  overrides = ?1 ->> 'overrides', budget = ?1 ->> 'budget', paid_terms = ?5, version = version + 1, updated_at = CAST(?2 AS INTEGER)
WHERE id = ?1 ->> 'id' AND EXISTS (SELECT 1 FROM purchases WHERE purchase_key = ?3 AND settled_by = ?4)
