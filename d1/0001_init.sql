-- Latchkey's first schema. Migrations only go forward and never drop on the way up, so the
-- Worker before a migration still works on the schema after it.
--
-- Times are integer milliseconds UTC. Hashes are HMAC-SHA256 in base64url (43 characters).
-- Sealed columns hold a blob of docs/crypto-formats.md.

CREATE TABLE plans (
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  providers TEXT NOT NULL,              -- JSON array of provider names
  deliveries INTEGER NOT NULL,          -- bits: 1 fernet, 2 hpke, 4 plain
  max_machines INTEGER NOT NULL,
  license_days INTEGER,                 -- NULL: licences do not end
  created_at INTEGER NOT NULL,
  PRIMARY KEY (name, version)
) WITHOUT ROWID;

INSERT INTO plans (name, version, providers, deliveries, max_machines, license_days, created_at)
VALUES ('pro', 1, '["deepseek","qwen","mistral","zhipu","kimi","yandex"]', 7, 3, 365, 0);

CREATE TABLE licenses (
  id TEXT PRIMARY KEY,                  -- lic_...
  code_hash TEXT NOT NULL UNIQUE,       -- the code itself is shown once and kept nowhere
  code_hint TEXT NOT NULL,              -- its first characters, for people
  kind TEXT NOT NULL,                   -- generated, code, email
  plan TEXT NOT NULL,
  plan_version INTEGER NOT NULL,        -- pinned: what it allows is copied below
  providers TEXT NOT NULL,              -- JSON array of provider names
  deliveries INTEGER NOT NULL,          -- bits: 1 fernet, 2 hpke, 4 plain
  max_machines INTEGER NOT NULL,
  status TEXT NOT NULL,                 -- active, suspended, revoked; expired follows from expires_at
  status_reason TEXT,
  expires_at INTEGER,                   -- NULL: never
  holder TEXT,                          -- sealed {"name", "email"}
  holder_name_hash TEXT,
  holder_email_hash TEXT,
  note TEXT,
  version INTEGER NOT NULL DEFAULT 1,   -- moves with every change of this row
  kv_version INTEGER NOT NULL DEFAULT 0,-- the version that KV holds
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  FOREIGN KEY (plan, plan_version) REFERENCES plans (name, version)
);
CREATE INDEX licenses_by_status ON licenses (status, id);
CREATE INDEX licenses_by_plan ON licenses (plan, id);
CREATE INDEX licenses_by_holder_name ON licenses (holder_name_hash) WHERE holder_name_hash IS NOT NULL;
CREATE INDEX licenses_by_holder_email ON licenses (holder_email_hash) WHERE holder_email_hash IS NOT NULL;
CREATE INDEX licenses_behind_kv ON licenses (id) WHERE version > kv_version;

CREATE TABLE machines (
  license_id TEXT NOT NULL,
  machine_hash TEXT NOT NULL,
  id TEXT NOT NULL UNIQUE,              -- mch_...
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  seated_at INTEGER NOT NULL,           -- when it took the seat it holds
  released_at INTEGER,                  -- NULL: holds a seat
  country TEXT,
  app_version TEXT,
  ring_version INTEGER NOT NULL,        -- the key ring it was last given
  secrets_tag TEXT NOT NULL,            -- and the Worker secrets, as a keyed hash
  fernet_key TEXT,                      -- sealed; derived once from the machine id
  PRIMARY KEY (license_id, machine_hash)
) WITHOUT ROWID;

-- One version of one provider's key. Until a first row is there, the Worker secret serves.
CREATE TABLE provider_keys (
  id TEXT PRIMARY KEY,                  -- key_...
  provider TEXT NOT NULL,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,                  -- published, retired
  sealed TEXT,                          -- NULL once retired
  ring_version INTEGER NOT NULL,        -- the ring in which it was published
  created_at INTEGER NOT NULL,
  retired_at INTEGER,
  UNIQUE (provider, version)
);
CREATE UNIQUE INDEX provider_keys_published ON provider_keys (provider) WHERE state = 'published';

-- Fixed windows of one hour that begin at a subject's first request. A window is one number, its
-- start in seconds * 1,000,000 + its hits, so that counting is one comparison and one addition.
CREATE TABLE rate_limits (
  subject TEXT PRIMARY KEY,             -- ip:<hash>, lic_..., admin:<hash>
  window INTEGER NOT NULL,
  over_recorded INTEGER NOT NULL DEFAULT 0  -- start of the window whose excess is in the audit log
) WITHOUT ROWID;
CREATE INDEX rate_limits_by_window ON rate_limits (window);

-- Append only. The canonical JSON form of a row is specified in docs/crypto-formats.md.
CREATE TABLE audit_log (
  seq INTEGER PRIMARY KEY,              -- in order of storing; the newest row is never deleted
  at INTEGER NOT NULL,
  request_id TEXT NOT NULL,             -- req_...
  item INTEGER NOT NULL DEFAULT 0,      -- one act on many licences writes one row for each
  action TEXT NOT NULL,                 -- provision.granted, provision.denied, license.revoked, ...
  outcome TEXT NOT NULL,                -- granted, denied, done
  reason TEXT,                          -- why, one word
  actor TEXT NOT NULL,                  -- client, admin:<token name>, cron
  license_id TEXT,
  machine_hash TEXT,
  address_hash TEXT,
  country TEXT,
  user_agent TEXT,
  details TEXT,                         -- canonical JSON object
  UNIQUE (request_id, item)
);

-- What is true of the whole service. One row.
CREATE TABLE state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  ring_version INTEGER NOT NULL,        -- moves when a provider key changes
  epoch INTEGER NOT NULL,               -- moves when a licence is refused from now on
  kv_ring_version INTEGER NOT NULL,     -- what KV holds of the two
  kv_epoch INTEGER NOT NULL,
  kv_audit_seq INTEGER NOT NULL         -- seats taken up to this audit row are in KV
);
INSERT INTO state (id, ring_version, epoch, kv_ring_version, kv_epoch, kv_audit_seq) VALUES (1, 1, 1, 0, 0, 0);

-- A licence as the admin API shows it.
CREATE VIEW license_details AS
SELECT l.*,
  (SELECT count(*) FROM machines m WHERE m.license_id = l.id AND m.released_at IS NULL) AS seats_used,
  (SELECT min(m.first_seen_at) FROM machines m WHERE m.license_id = l.id) AS first_provision_at,
  (SELECT max(m.last_seen_at) FROM machines m WHERE m.license_id = l.id) AS last_provision_at
FROM licenses l;

-- For people in the D1 console.
CREATE VIEW provisions AS
SELECT seq, at, request_id, license_id, machine_hash, country, details
FROM audit_log WHERE action = 'provision.granted';

CREATE VIEW v_licenses AS
SELECT l.id, l.code_hint, l.kind, l.plan,
  CASE WHEN l.status = 'active' AND l.expires_at IS NOT NULL AND l.expires_at <= CAST(strftime('%s', 'now') AS INTEGER) * 1000
    THEN 'expired' ELSE l.status END AS status,
  l.status_reason,
  datetime(l.expires_at / 1000, 'unixepoch') AS expires,
  l.max_machines,
  (SELECT count(*) FROM machines m WHERE m.license_id = l.id AND m.released_at IS NULL) AS machines_used,
  datetime((SELECT min(m.first_seen_at) FROM machines m WHERE m.license_id = l.id) / 1000, 'unixepoch') AS first_provision,
  datetime((SELECT max(m.last_seen_at) FROM machines m WHERE m.license_id = l.id) / 1000, 'unixepoch') AS last_provision,
  l.note, datetime(l.created_at / 1000, 'unixepoch') AS created
FROM licenses l;

CREATE VIEW v_machines AS
SELECT id, license_id, country, app_version,
  datetime(first_seen_at / 1000, 'unixepoch') AS first_seen,
  datetime(last_seen_at / 1000, 'unixepoch') AS last_seen,
  datetime(released_at / 1000, 'unixepoch') AS released
FROM machines;

CREATE VIEW v_rate_limits AS
SELECT subject, datetime(window / 1000000, 'unixepoch') AS since, window % 1000000 AS hits
FROM rate_limits;

CREATE VIEW v_recent_denials AS
SELECT datetime(at / 1000, 'unixepoch') AS at, action, reason, license_id, country, user_agent, request_id
FROM audit_log WHERE outcome = 'denied' ORDER BY seq DESC LIMIT 100;
