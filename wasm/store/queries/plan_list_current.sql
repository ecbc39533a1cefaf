-- The newest version of each plan. Index: plans primary key.
SELECT *, max(version) FROM plans GROUP BY name
