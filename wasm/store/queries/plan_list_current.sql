-- The newest version of each plan. Index: plans primary key.
SELECT name, max(version) AS version, license_days FROM plans GROUP BY name
