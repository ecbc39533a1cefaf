-- A run of events, to be priced anew. POST /admin/prices/reprice. Index: usage_events primary key.
-- ?1 after this one, ?2 how many
SELECT seq, at, provider, model, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost,
  (SELECT ifnull(max(version), 0) FROM prices) AS price_version
FROM usage_events NOT INDEXED WHERE seq > CAST(?1 AS INTEGER) ORDER BY seq LIMIT CAST(?2 AS INTEGER)
