-- The machines of one licence, and whether each holds a seat.
WITH parameter(license) AS (VALUES ('lic_...'))
SELECT v.* FROM parameter CROSS JOIN v_machines v WHERE v.license_id = license ORDER BY v.last_seen DESC
