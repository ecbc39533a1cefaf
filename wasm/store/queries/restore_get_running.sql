-- The restore that is running, if one is. Index: restores_running.
SELECT backup_id FROM restores WHERE state = 'running'
