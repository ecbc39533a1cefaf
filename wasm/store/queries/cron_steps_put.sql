-- Notes when steps of cron went well. One row, no index.
-- ?1 JSON object of step to time
UPDATE state SET cron_steps = json_patch(cron_steps, ?1)
