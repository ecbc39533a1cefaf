-- Messages of long ago. Index: webhook_deliveries_by_time.
-- ?1 made before, ?2 how many at most
DELETE FROM webhook_deliveries WHERE id IN (
  SELECT id FROM webhook_deliveries WHERE created_at < ?1 ORDER BY created_at LIMIT CAST(?2 AS INTEGER))
