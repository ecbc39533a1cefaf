-- Marks that this window's excess is in the audit log. Index: primary key.
-- ?1 subject
UPDATE rate_limits SET over_recorded = 1 WHERE subject = ?1
