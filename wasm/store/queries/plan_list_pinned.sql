-- The plans that these licences are pinned to. Indexes: primary keys of licenses and plans.
-- ?1 JSON array of licence ids
SELECT * FROM plans WHERE (name, version) IN
  (SELECT plan, plan_version FROM licenses WHERE id IN (SELECT value FROM json_each(?1)))
