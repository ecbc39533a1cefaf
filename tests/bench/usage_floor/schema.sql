-- Tables of the floor of usage reports: an event has the columns that the service keeps of it.
CREATE TABLE licenses (id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, plan TEXT NOT NULL,
  status TEXT NOT NULL, expires_at INTEGER NOT NULL, machines_max INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE rate_limits (subject TEXT PRIMARY KEY, window_start INTEGER NOT NULL, hits INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE usage_events (seq INTEGER PRIMARY KEY, license_id TEXT NOT NULL, event_id TEXT NOT NULL,
  machine_id TEXT NOT NULL, plan TEXT NOT NULL, report INTEGER NOT NULL, at INTEGER NOT NULL,
  received_at INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL, cached_input_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, cost INTEGER,
  price_version INTEGER NOT NULL, UNIQUE (license_id, event_id));
CREATE TABLE spend (license_id TEXT NOT NULL, day INTEGER NOT NULL, requests INTEGER NOT NULL, cost INTEGER NOT NULL,
  PRIMARY KEY (license_id, day)) WITHOUT ROWID;
