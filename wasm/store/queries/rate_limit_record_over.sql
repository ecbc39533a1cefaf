-- Marks that this window's excess is in the audit log. Index: primary key.
-- ?1 subject
UPDATE rate_limits SET over_recorded = window / 1000000 WHERE subject = ?1
