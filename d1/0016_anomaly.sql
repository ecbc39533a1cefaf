-- How each licence is used from hour to hour and what of it is unlike before, and which addresses try codes out
-- (wasm/anomaly/README.md).

-- A licence's baseline, and how its last hour with use was scored. One that nobody used for 90 days has no row.
CREATE TABLE anomaly_trails (
  license_id TEXT PRIMARY KEY,
  trail TEXT NOT NULL,                  -- JSON: days, models, countries; bounded
  hour INTEGER NOT NULL,                -- hours since 1970-01-01T00:00Z: scored and folded up to this one
  score INTEGER NOT NULL,               -- of that hour, 0 to 100
  has_baseline INTEGER NOT NULL,        -- 1: it is known for long enough to be measured against itself
  reasons TEXT NOT NULL,                -- JSON array of {signal, value, points, sentence}
  alarm_hour INTEGER,                   -- the last hour that alarmed; NULL: none, or it is quiet again
  alarm_score INTEGER,
  alarm_reasons TEXT,
  scored_at INTEGER NOT NULL
);
CREATE INDEX anomaly_trails_by_hour ON anomaly_trails (hour);
CREATE INDEX anomaly_trails_alarmed ON anomaly_trails (alarm_hour) WHERE alarm_hour IS NOT NULL;

-- Addresses that tried codes which nobody has, a day long.
CREATE TABLE anomaly_addresses (
  address_hash TEXT PRIMARY KEY,
  tries TEXT NOT NULL,                  -- JSON array of [hour, refused, codes]
  hour INTEGER NOT NULL,                -- the last of them
  score INTEGER NOT NULL,
  reasons TEXT NOT NULL,
  alarm_hour INTEGER,
  scored_at INTEGER NOT NULL
);
CREATE INDEX anomaly_addresses_by_hour ON anomaly_addresses (hour);
CREATE INDEX anomaly_addresses_alarmed ON anomaly_addresses (alarm_hour) WHERE alarm_hour IS NOT NULL;

-- What the audit log says of hours that are not scored yet: of a licence ...
CREATE TABLE anomaly_seen (
  hour INTEGER NOT NULL,
  license_id TEXT NOT NULL,
  what TEXT NOT NULL,                   -- country, limited, no_seat
  name TEXT NOT NULL,                   -- the country, '', the machine's keyed hash (cut)
  count INTEGER NOT NULL,
  PRIMARY KEY (hour, license_id, what, name)
) WITHOUT ROWID;
-- ... and of an address: the codes that it tried and that nobody has.
CREATE TABLE anomaly_tries (
  hour INTEGER NOT NULL,
  address_hash TEXT NOT NULL,
  code TEXT NOT NULL,                   -- keyed hash, cut
  count INTEGER NOT NULL,
  PRIMARY KEY (hour, address_hash, code)
) WITHOUT ROWID;

-- How far that is. One row; whatever changes the tables above moves its revision.
CREATE TABLE anomaly_walk (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  audit_seq INTEGER NOT NULL,           -- audit rows up to this one are noted
  hour INTEGER NOT NULL,                -- hours before this one are done
  license_id TEXT NOT NULL,             -- and of this one, licences up to this one; '': it is not begun
  revision INTEGER NOT NULL,
  run TEXT NOT NULL                     -- req_... that moved it last
);
-- A log that is long already is begun near its end: cron goes through it in minutes.
INSERT INTO anomaly_walk (id, audit_seq, hour, license_id, revision, run)
SELECT 1, max(0, ifnull((SELECT max(seq) FROM audit_log), 0) - 100000), 0, '', 1, '';

-- For people in the D1 console.
CREATE VIEW v_anomalies AS
SELECT t.license_id, l.code_hint, l.plan, l.status, t.alarm_score AS score,
  datetime(t.alarm_hour * 3600, 'unixepoch') AS hour,
  (SELECT group_concat(value ->> 'sentence', ' ') FROM json_each(t.alarm_reasons)) AS why,
  a.state AS alert, datetime(a.first_at / 1000, 'unixepoch') AS alert_since,
  datetime(t.hour * 3600, 'unixepoch') AS last_hour, t.score AS last_score
FROM anomaly_trails t JOIN licenses l ON l.id = t.license_id
  LEFT JOIN alerts a ON a.kind = 'license_anomaly' AND a.subject = t.license_id AND a.state <> 'resolved'
WHERE t.alarm_hour IS NOT NULL;
