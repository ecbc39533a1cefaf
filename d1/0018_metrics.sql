-- When each step of cron last went well: a JSON object of its name to milliseconds. One row written a minute.
ALTER TABLE state ADD COLUMN cron_steps TEXT NOT NULL DEFAULT '{}';

-- When the last backup was made. Partial: no other act writes to it.
CREATE INDEX audit_log_backups ON audit_log (at) WHERE action = 'backup.made';
