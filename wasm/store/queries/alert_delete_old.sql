-- Alerts that were resolved long ago. Index: alerts_resolved.
-- ?1 resolved before, ?2 how many at most
DELETE FROM alerts WHERE id IN (
  SELECT id FROM alerts WHERE resolved_at < ?1 ORDER BY resolved_at LIMIT CAST(?2 AS INTEGER))
