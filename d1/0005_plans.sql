-- Plans say more, and a licence may differ from its plan. Only columns and an index are added: a row
-- of before means what it meant.

ALTER TABLE plans ADD COLUMN models TEXT;                                -- JSON array of model names; NULL: all
ALTER TABLE plans ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';          -- JSON object of named numbers
ALTER TABLE plans ADD COLUMN budget TEXT NOT NULL DEFAULT '{}';          -- {daily, monthly, total}: USD, decimal text
ALTER TABLE plans ADD COLUMN enforcement TEXT NOT NULL DEFAULT 'track';  -- track, warn, block
ALTER TABLE plans ADD COLUMN expiry_from TEXT NOT NULL DEFAULT 'creation'; -- creation, first_use
ALTER TABLE plans ADD COLUMN description TEXT;
ALTER TABLE plans ADD COLUMN created_by TEXT NOT NULL DEFAULT 'migration'; -- admin:<token name>
ALTER TABLE plans ADD COLUMN retired_at INTEGER;                         -- no new licences of this version

-- NULL: made before there were overrides; admin/terms.cc tells them from the plan.
ALTER TABLE licenses ADD COLUMN overrides TEXT;                          -- JSON {providers, deliveries, max_machines, expires_at}
ALTER TABLE licenses ADD COLUMN first_use_days INTEGER;                  -- expires_at is set so long after the first grant

-- A licence's history is what admins did to it. Grants and denials stay out, so that a provision
-- writes no page more.
CREATE INDEX audit_log_acts ON audit_log (license_id, seq) WHERE outcome = 'done' AND license_id IS NOT NULL;
