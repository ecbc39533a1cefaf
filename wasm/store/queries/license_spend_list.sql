-- A licence's budget and its days. GET /admin/licenses/{license_id}/usage. Indexes: licenses and license_spend
-- primary keys.
-- ?1 licence, ?2 the first day
SELECT l.id, l.budget, (SELECT min(total(cost), 9007199254740992) FROM license_spend WHERE license_id = l.id) AS total,
  (SELECT json_group_array(json_array(day, requests, cost, unpriced)) FROM
    (SELECT day, requests, cost, unpriced FROM license_spend WHERE license_id = l.id AND day >= CAST(?2 AS INTEGER)
      ORDER BY day)) AS days
FROM licenses l WHERE l.id = ?1
