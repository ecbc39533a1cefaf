-- What a licence is sold for, and what KV knows of its budget.

ALTER TABLE plans ADD COLUMN monthly_price INTEGER;       -- nano-dollars that a licence brings in a month; NULL: not said

-- Until when the copy in KV says that the licence is blocked; NULL: it does not.
ALTER TABLE licenses ADD COLUMN kv_blocked_until INTEGER;

-- By the ledger's own column, so that a licence's rows are found by its id.
DROP VIEW v_costs_by_license;
CREATE VIEW v_costs_by_license AS
SELECT s.license_id, l.code_hint, l.plan, strftime('%Y-%m', s.day * 86400, 'unixepoch') AS month,
  sum(s.requests) AS requests, round(sum(s.cost) / 1e9, 4) AS cost_usd, sum(s.unpriced) AS unpriced
FROM license_spend s JOIN licenses l ON l.id = s.license_id GROUP BY s.license_id, month;
