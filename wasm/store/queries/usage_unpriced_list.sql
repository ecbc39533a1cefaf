-- Models that were used without a price, by name, a page. GET /admin/prices/unpriced.
-- Index: usage_totals_unpriced, which holds all that is asked for.
-- ?1 and ?2 only those after this provider and model, ?3 how many
SELECT provider, model, sum(unpriced) AS requests, max(hour) AS last_hour
FROM usage_totals INDEXED BY usage_totals_unpriced
WHERE unpriced > 0 AND (provider, model) > (CAST(?1 AS TEXT), CAST(?2 AS TEXT))
GROUP BY provider, model ORDER BY provider, model LIMIT CAST(?3 AS INTEGER)
