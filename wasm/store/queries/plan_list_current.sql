-- The newest version of each plan. Index: plans primary key.
SELECT name, max(version) AS version, providers, deliveries, max_machines, license_days FROM plans GROUP BY name
