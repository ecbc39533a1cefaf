-- Tables of the floor: no more than its four statements need.
CREATE TABLE licenses (id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, plan TEXT NOT NULL,
  status TEXT NOT NULL, expires_at INTEGER NOT NULL, machines_max INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE machines (license_id TEXT NOT NULL, machine_id TEXT NOT NULL, first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL, PRIMARY KEY (license_id, machine_id)) WITHOUT ROWID;
CREATE TABLE rate_limits (subject TEXT PRIMARY KEY, window_start INTEGER NOT NULL, hits INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE audit_log (id TEXT PRIMARY KEY, at INTEGER NOT NULL, action TEXT NOT NULL, license_id TEXT,
  machine_id TEXT, address TEXT);
