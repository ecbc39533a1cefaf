-- Alerts, and the webhooks that carry them to people. An alert is one row from when something is wrong until it is
-- resolved, however often it is seen; the next time is another row.

CREATE TABLE alerts (
  id TEXT PRIMARY KEY,                  -- alr_...
  kind TEXT NOT NULL,                   -- of the closed list in wasm/alert/kinds.cc
  subject TEXT NOT NULL,                -- what it is about: a licence, a provider, a step of cron
  severity TEXT NOT NULL,               -- info, warning, critical
  level INTEGER NOT NULL,               -- how bad within its kind, such as a budget's per cent
  state TEXT NOT NULL,                  -- pending (not seen often enough yet), open, acknowledged, resolved
  details TEXT NOT NULL,                -- canonical JSON, as of when it was last seen
  count INTEGER NOT NULL,               -- how often it was seen
  needed INTEGER NOT NULL,              -- how often it must be seen to be open
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  snoozed_until INTEGER,                -- nobody is told before
  notice TEXT,                          -- the batch that last told the webhooks
  acted_by TEXT,                        -- actor of the last acknowledgement, snooze or resolution
  acted_at INTEGER,
  resolved_at INTEGER
);
CREATE UNIQUE INDEX alerts_unresolved ON alerts (kind, subject) WHERE state <> 'resolved';
CREATE INDEX alerts_by_state ON alerts (state, id);
CREATE INDEX alerts_by_kind ON alerts (kind, id);
CREATE INDEX alerts_by_notice ON alerts (notice) WHERE notice IS NOT NULL;
CREATE INDEX alerts_snoozed ON alerts (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX alerts_resolved ON alerts (resolved_at) WHERE resolved_at IS NOT NULL;

-- What an admin set of a kind; a kind without a row is as the build has it.
CREATE TABLE alert_rules (
  kind TEXT PRIMARY KEY,
  enabled INTEGER NOT NULL,             -- 0: it raises nothing
  severity TEXT,                        -- instead of its own; NULL: its own
  updated_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,                  -- whk_...
  name TEXT NOT NULL,
  sealed TEXT,                          -- sealed JSON: URL, secret, and the secret before; NULL: lost in a restore
  hint TEXT NOT NULL,                   -- scheme and host of the URL, for people
  events TEXT NOT NULL,                 -- JSON array of kinds of alerts; ["*"]: all
  min_severity TEXT NOT NULL,
  state TEXT NOT NULL,                  -- active, paused, disabled (its receiver answered 410)
  failures INTEGER NOT NULL DEFAULT 0,  -- attempts that failed, in a row
  old_secret_until INTEGER,             -- until then the secret before signs too
  revision INTEGER NOT NULL DEFAULT 1,  -- moves with every change by an admin
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  last_delivered_at INTEGER
);

CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,                  -- msg_..., the webhook-id
  webhook_id TEXT NOT NULL,
  alert_id TEXT,                        -- NULL: a test
  type TEXT NOT NULL,                   -- alert.raised, alert.resolved, webhook.test
  body TEXT NOT NULL,                   -- JSON, posted as it is
  state TEXT NOT NULL,                  -- due, delivered, failed (given up), dropped (its webhook takes none)
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER,                       -- of the next attempt; while one is made, when another run may make it
  last_status INTEGER,                  -- HTTP; NULL: no answer
  last_error TEXT,
  created_at INTEGER NOT NULL,
  delivered_at INTEGER
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (created_at);

-- The last time each provider was asked whether it takes its key.
CREATE TABLE key_checks (
  provider TEXT PRIMARY KEY,
  key_tag TEXT NOT NULL,                -- which key: key_..., or a keyed hash of a Worker secret
  verdict TEXT NOT NULL,                -- accepted, refused, could_not_ask
  detail TEXT NOT NULL,
  checked_at INTEGER,                   -- NULL: the first check is under way
  due_at INTEGER NOT NULL
) WITHOUT ROWID;

-- For people in the D1 console.
CREATE VIEW v_alerts AS
SELECT id, kind, subject, severity, state, count, details,
  datetime(first_at / 1000, 'unixepoch') AS first_seen, datetime(last_at / 1000, 'unixepoch') AS last_seen,
  datetime(snoozed_until / 1000, 'unixepoch') AS snoozed_until, acted_by,
  datetime(resolved_at / 1000, 'unixepoch') AS resolved
FROM alerts WHERE state <> 'pending';

CREATE VIEW v_webhook_deliveries AS
SELECT d.id, w.name AS webhook, d.type, d.alert_id, d.state, d.attempts, d.last_status, d.last_error,
  datetime(d.created_at / 1000, 'unixepoch') AS created, datetime(d.due_at / 1000, 'unixepoch') AS due,
  datetime(d.delivered_at / 1000, 'unixepoch') AS delivered
FROM webhook_deliveries d LEFT JOIN webhooks w ON w.id = d.webhook_id;
