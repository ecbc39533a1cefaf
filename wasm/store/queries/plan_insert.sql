-- The next version of a plan, if nobody made it meanwhile. Index: plans primary key.
-- ?1 name, ?2 version, ?3 providers, ?4 deliveries, ?5 seats, ?6 days or NULL, ?7 now, ?8 models or NULL,
-- ?9 limits, ?10 budget, ?11 enforcement, ?12 expiry from, ?13 description or NULL, ?14 actor,
-- ?15 retired at or NULL, ?16 nano-dollars that a licence brings in a month, or NULL
INSERT INTO plans (name, version, providers, deliveries, max_machines, license_days, created_at, models, limits,
  budget, enforcement, expiry_from, description, created_by, retired_at, monthly_price)
VALUES (?1, CAST(?2 AS INTEGER), ?3, CAST(?4 AS INTEGER), CAST(?5 AS INTEGER), CAST(?6 AS INTEGER),
  CAST(?7 AS INTEGER), ?8, ?9, ?10, ?11, ?12, ?13, ?14, CAST(?15 AS INTEGER),
  CAST(?16 AS INTEGER))
ON CONFLICT DO NOTHING
RETURNING version
