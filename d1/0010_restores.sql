-- Restores of backups into this database: how far each has come, so that one that was broken off goes on.

CREATE TABLE restores (
  backup_id TEXT PRIMARY KEY,           -- bak_...
  state TEXT NOT NULL,                  -- running, done
  line INTEGER NOT NULL,                -- the last line of the file that was taken
  line_hash TEXT NOT NULL,              -- and its hash, to which the next one is bound
  end_line INTEGER NOT NULL,            -- the file's last line
  accepts_loss INTEGER NOT NULL,        -- 1: what this service's keys don't open is left out
  index_lost INTEGER NOT NULL,          -- 1: the backup was made under another INDEX_KEY
  skipped INTEGER NOT NULL DEFAULT 0,   -- rows whose place was taken
  actor TEXT NOT NULL,
  begun_at INTEGER NOT NULL,
  ended_at INTEGER
);
-- One at a time.
CREATE UNIQUE INDEX restores_running ON restores (state) WHERE state = 'running';
