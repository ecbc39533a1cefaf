-- What the events of a purchase make of it, if everything is as it was read: the purchase, the other purchases of
-- its licence, and the licence. The statements after it look for settled_by.
-- Indexes: purchases.purchase_key, purchases_by_license, licenses primary key and code_hash.
-- ?1 id, ?2 key, ?3 provider, ?4 product, ?5 outcome, ?6 standing, ?7 licence or NULL, ?8 the attempt, ?9 now,
-- ?10 revision presumed (0: not there), ?11 sum of the others' revisions, ?12 version of the licence presumed or
-- NULL, ?13 code hash that must be free or NULL
INSERT INTO purchases (id, purchase_key, provider, product, outcome, standing, license_id, settled_by, created_at,
  updated_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, CAST(?9 AS INTEGER), CAST(?9 AS INTEGER)
WHERE (SELECT total(revision) FROM purchases WHERE license_id = ?7 AND purchase_key <> ?2) = ?11
  AND (?12 IS NULL OR EXISTS (SELECT 1 FROM licenses WHERE id = ?7 AND version = ?12))
  AND NOT EXISTS (SELECT 1 FROM licenses WHERE code_hash = ?13)
ON CONFLICT (purchase_key) DO UPDATE SET product = excluded.product, outcome = excluded.outcome,
  standing = excluded.standing, license_id = excluded.license_id, settled_by = excluded.settled_by,
  updated_at = excluded.updated_at, revision = revision + 1
WHERE revision = ?10
RETURNING id
