-- The machines of one licence, and whether each holds a seat.
-- @parameter license text The licence, lic_...
-- @columns id, license_id, name, country, app_version, first_seen time, last_seen time, released time
-- @columns seat_held_until time
WITH parameter(license) AS (VALUES ('lic_...'))
SELECT v.* FROM parameter CROSS JOIN v_machines v WHERE v.license_id = license ORDER BY v.last_seen DESC
