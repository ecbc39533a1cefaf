-- Tables of the plain peer. Codes, machine ids and addresses are stored as HMACs; derived Fernet keys
-- are sealed.
CREATE TABLE licenses (id TEXT PRIMARY KEY, code_hmac TEXT NOT NULL UNIQUE, plan TEXT NOT NULL,
  status TEXT NOT NULL, expires_at INTEGER NOT NULL, machines_max INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE machines (license_id TEXT NOT NULL, machine_hmac TEXT NOT NULL, first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL, last_request TEXT NOT NULL, app_version TEXT, country TEXT,
  fernet_key_sealed TEXT, PRIMARY KEY (license_id, machine_hmac)) WITHOUT ROWID;
CREATE TABLE rate_limits (subject TEXT PRIMARY KEY, window_start INTEGER NOT NULL, hits INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE audit_log (id INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL,
  action TEXT NOT NULL, outcome TEXT NOT NULL, license_id TEXT, machine_hmac TEXT, address_hmac TEXT,
  country TEXT, user_agent TEXT);
CREATE INDEX audit_log_license ON audit_log (license_id, at);
