-- The row that says what is true of the whole service, for the last line of a backup. One row, no index.
SELECT json_object('ring_version', ring_version, 'epoch', epoch, 'bootstrap_enabled', bootstrap_enabled) AS row
FROM state
