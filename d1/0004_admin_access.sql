-- Named admin tokens, a switch for the bootstrap token, and what the repeated request of an admin is
-- answered with.

CREATE TABLE admin_tokens (
  id TEXT PRIMARY KEY,                  -- tok_...
  name TEXT NOT NULL,                   -- of one live token at most; the actor is admin:<name>
  token_hash TEXT NOT NULL UNIQUE,      -- the token itself is shown once and kept nowhere
  hint TEXT NOT NULL,                   -- its first characters, for people
  scopes TEXT NOT NULL,                 -- JSON array, ascending
  manages_tokens INTEGER NOT NULL,      -- 1: the scopes hold tokens:write or *
  expires_at INTEGER,                   -- NULL: never
  revoked_at INTEGER,
  created_by TEXT NOT NULL,             -- actor
  created_at INTEGER NOT NULL,
  last_used_at INTEGER                  -- to the hour
);
CREATE INDEX admin_tokens_by_name ON admin_tokens (name) WHERE revoked_at IS NULL;
CREATE INDEX admin_tokens_managing ON admin_tokens (id) WHERE manages_tokens = 1 AND revoked_at IS NULL;

-- 0: ADMIN_TOKEN is refused.
ALTER TABLE state ADD COLUMN bootstrap_enabled INTEGER NOT NULL DEFAULT 1;

-- One row for each Idempotency-Key of the last day.
CREATE TABLE idempotency_keys (
  key_hash TEXT PRIMARY KEY,            -- of actor and key
  route TEXT NOT NULL,                  -- operation, for people
  request_hash TEXT NOT NULL,           -- of method, path and body
  state TEXT NOT NULL,                  -- in_flight, done
  owner TEXT NOT NULL,                  -- req_... that runs it or ran it
  status INTEGER,                       -- HTTP status of the answer; NULL while in flight
  answer TEXT,                          -- sealed: it may hold a code that is shown once
  reserved_at INTEGER NOT NULL,         -- when its owner began
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);

-- For people in the D1 console.
CREATE VIEW v_admin_tokens AS
SELECT id, name, hint, scopes, created_by,
  datetime(created_at / 1000, 'unixepoch') AS created,
  datetime(expires_at / 1000, 'unixepoch') AS expires,
  datetime(revoked_at / 1000, 'unixepoch') AS revoked,
  datetime(last_used_at / 1000, 'unixepoch') AS last_used
FROM admin_tokens;
