-- The licence of a purchase, if the statement before took effect. Indexes: purchases.purchase_key,
-- licenses.code_hash.
-- ?1 the licence as JSON, ?2 now, ?3 purchase key, ?4 the attempt, ?5 what payments make of it
INSERT INTO licenses (id, code_hash, code_hint, kind, plan, plan_version, providers, deliveries, max_machines,
  status, status_reason, expires_at, holder, holder_name_hash, holder_email_hash, note, overrides, budget, first_use_days,
  paid_terms, created_at, updated_at)
SELECT ?1 ->> 'id', ?1 ->> 'code_hash', ?1 ->> 'code_hint', ?1 ->> 'kind', ?1 ->> 'plan', ?1 ->> 'plan_version',
  ?1 ->> 'providers', ?1 ->> 'deliveries', ?1 ->> 'max_machines', ?5 ->> 'status', ?5 ->> 'reason',
  ?1 ->> 'expires_at', ?1 ->> 'holder', ?1 ->> 'holder_name_hash', ?1 ->> 'holder_email_hash', ?1 ->> 'note',
  ?1 ->> 'overrides', ?1 ->> 'budget', ?1 ->> 'first_use_days', ?5, CAST(?2 AS INTEGER), CAST(?2 AS INTEGER)
FROM purchases WHERE purchase_key = ?3 AND settled_by = ?4
