-- A licence that is shared may be held to fewer requests an hour than the service's limit.

ALTER TABLE licenses ADD COLUMN requests_per_hour INTEGER;               -- NULL: the service's limit

-- What the machines of a licence did lately, and what its score and level are (wasm/sharing/README.md). A licence that
-- nobody used for a month and that stands nowhere has no row.
CREATE TABLE sharing (
  license_id TEXT PRIMARY KEY,
  trail TEXT NOT NULL,                  -- JSON: machines, days, places; bounded
  score INTEGER NOT NULL,               -- 0 to 100
  level TEXT NOT NULL,                  -- none, warn, throttle, suspend
  level_at INTEGER NOT NULL,            -- since when; 0: never was at another
  quiet_since INTEGER,                  -- NULL: not under its level's threshold
  throttled_to INTEGER,                 -- what licenses.requests_per_hour was set to; NULL: it was not
  ignored_until INTEGER,                -- NULL: it is watched
  reasons TEXT NOT NULL,                -- JSON array of {signal, value, points, sentence}
  seen TEXT NOT NULL,                   -- JSON: machines, refused, countries, networks, days
  scored_at INTEGER NOT NULL,
  due_at INTEGER                        -- when cron looks at it next, if nobody uses it; NULL: never
);
-- Partial: an ordinary licence is in neither of the first two.
CREATE INDEX sharing_by_score ON sharing (score, license_id) WHERE score > 0;
CREATE INDEX sharing_by_level ON sharing (level, score, license_id) WHERE level <> 'none';
CREATE INDEX sharing_due ON sharing (due_at) WHERE due_at IS NOT NULL;

-- How far the audit log is folded. One row; every change of the table above moves its revision.
CREATE TABLE sharing_walk (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  audit_seq INTEGER NOT NULL,           -- rows up to this one are folded
  revision INTEGER NOT NULL,
  run TEXT NOT NULL                     -- req_... that moved it last
);
-- A log that is long already is begun near its end: cron goes through it in an hour.
INSERT INTO sharing_walk (id, audit_seq, revision, run)
SELECT 1, max(0, ifnull((SELECT max(seq) FROM audit_log), 0) - 100000), 1, '';

-- For people in the D1 console.
CREATE VIEW v_sharing AS
SELECT s.license_id, l.code_hint, l.plan, l.status, s.score, s.level,
  (SELECT group_concat(value ->> 'sentence', ' ') FROM json_each(s.reasons)) AS why,
  s.seen ->> 'machines' AS machines, l.max_machines AS seats, s.seen ->> 'countries' AS countries,
  s.seen ->> 'networks' AS networks, s.throttled_to,
  datetime(s.level_at / 1000, 'unixepoch') AS level_since,
  datetime(s.scored_at / 1000, 'unixepoch') AS scored,
  datetime(s.ignored_until / 1000, 'unixepoch') AS ignored_until
FROM sharing s JOIN licenses l ON l.id = s.license_id;
