-- What clients use of the providers' models, and what it costs. Money is integer nano-dollars (USD).

-- Append only; `cost` alone changes, when history is priced anew.
CREATE TABLE usage_events (
  seq INTEGER PRIMARY KEY,              -- in order of storing; the newest row is never deleted
  license_id TEXT NOT NULL,
  event_id TEXT NOT NULL,               -- the client's, unique within its licence
  machine_id TEXT NOT NULL,             -- mch_...
  plan TEXT NOT NULL,                   -- of the licence when it came in
  report INTEGER NOT NULL,              -- a random number of the request that brought it
  at INTEGER NOT NULL,                  -- when it was used, as the client says
  received_at INTEGER NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,                  -- in normal form: wasm/pricing/price_list.h
  input_tokens INTEGER NOT NULL,        -- the whole prompt
  output_tokens INTEGER NOT NULL,       -- all that was generated
  cached_input_tokens INTEGER NOT NULL, -- of input_tokens
  reasoning_tokens INTEGER NOT NULL,    -- of output_tokens
  cost INTEGER,                         -- NULL: no price is known
  price_version INTEGER NOT NULL,       -- of prices; 0: the table in the build
  UNIQUE (license_id, event_id)
);

-- Sums. Each row says up to which event it goes (`seq`), so that adding a run of events again adds nothing, and a
-- restored backup, whose tables are of different moments, comes right by itself.

-- The ledger that budgets are held against: it moves in the transaction that stores the events.
CREATE TABLE license_spend (
  license_id TEXT NOT NULL,
  day INTEGER NOT NULL,                 -- days since 1970-01-01, UTC
  requests INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  unpriced INTEGER NOT NULL,            -- requests without a price
  seq INTEGER NOT NULL,
  PRIMARY KEY (license_id, day)
) WITHOUT ROWID;
CREATE INDEX license_spend_by_day ON license_spend (day);

-- By cron, which has walked the events up to state.usage_rolled_seq.
CREATE TABLE usage_hourly (
  license_id TEXT NOT NULL,
  hour INTEGER NOT NULL,                -- hours since 1970-01-01T00:00Z
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  machine_id TEXT NOT NULL,
  requests INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  unpriced INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (license_id, hour, provider, model, machine_id)
) WITHOUT ROWID;
CREATE INDEX usage_hourly_by_hour ON usage_hourly (hour);

CREATE TABLE usage_daily (
  license_id TEXT NOT NULL,
  day INTEGER NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  machine_id TEXT NOT NULL,
  requests INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  unpriced INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (license_id, day, provider, model, machine_id)
) WITHOUT ROWID;
CREATE INDEX usage_daily_by_day ON usage_daily (day);

-- The same for everybody together, by plan: few rows, so that a look over all licences takes few reads.
CREATE TABLE usage_totals (
  hour INTEGER NOT NULL,
  plan TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  requests INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  unpriced INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (hour, plan, provider, model)
) WITHOUT ROWID;

-- Tables of prices, whole: a change is the next version, and the newest is in force. Until there is one, it is the
-- one in the build, version 0.
CREATE TABLE prices (
  version INTEGER PRIMARY KEY,
  body TEXT NOT NULL,                   -- JSON as in schema/prices.json
  note TEXT,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL              -- admin:<token name>
);

ALTER TABLE state ADD COLUMN usage_rolled_seq INTEGER NOT NULL DEFAULT 0;

-- What a licence may cost: its plan's, copied: {"daily","enforcement","monthly","total"}. NULL: any, tracked.
ALTER TABLE licenses ADD COLUMN budget TEXT;
CREATE TABLE made_budgets AS SELECT name, version, enforcement,
  CAST(budget ->> 'daily' AS INTEGER) * 1000000000 + CAST(substr(substr(budget ->> 'daily',
    instr((budget ->> 'daily') || '.', '.') + 1) || '000000000', 1, 9) AS INTEGER) AS daily,
  CAST(budget ->> 'monthly' AS INTEGER) * 1000000000 + CAST(substr(substr(budget ->> 'monthly',
    instr((budget ->> 'monthly') || '.', '.') + 1) || '000000000', 1, 9) AS INTEGER) AS monthly,
  CAST(budget ->> 'total' AS INTEGER) * 1000000000 + CAST(substr(substr(budget ->> 'total',
    instr((budget ->> 'total') || '.', '.') + 1) || '000000000', 1, 9) AS INTEGER) AS total
FROM plans WHERE budget <> '{}';
UPDATE licenses SET budget = (
  SELECT json_patch('{}', json_object('daily', b.daily, 'enforcement', b.enforcement, 'monthly', b.monthly,
    'total', b.total))
  FROM made_budgets b WHERE b.name = licenses.plan AND b.version = licenses.plan_version);
DROP TABLE made_budgets;

-- provision_v2 with one thing new: a licence whose budget is used up and that its plan blocks.
CREATE VIEW provision_v3 AS SELECT
  NULL AS now,
  NULL AS request_id,
  NULL AS code_hash,            -- NULL: the request named no code of a known form
  NULL AS machine_hash,
  NULL AS address_hash,
  NULL AS country,
  NULL AS user_agent,
  NULL AS details,              -- of the audit row
  NULL AS delivery,             -- bit; 0 asks for no grant
  NULL AS receipt_license_id,   -- NULL: no receipt
  NULL AS address_subject,
  NULL AS new_window,           -- one that begins now with one hit
  NULL AS ended_window,         -- windows up to this one have ended
  NULL AS address_limit,
  NULL AS license_limit,        -- the service's: a licence's own may be lower
  NULL AS new_machine_id,
  NULL AS app_version,
  NULL AS secrets_tag,
  NULL AS today,                -- day of license_spend
  NULL AS month_start;          -- the month's first

CREATE TRIGGER provision_v3_ask INSTEAD OF INSERT ON provision_v3
BEGIN
  -- 1. Count the request, once, against its address and, where the licence exists, its licence.
  INSERT INTO rate_limits (subject, window)
  SELECT NEW.address_subject, CAST(NEW.new_window AS INTEGER)
  UNION ALL SELECT id, CAST(NEW.new_window AS INTEGER) FROM licenses WHERE code_hash = NEW.code_hash
  ON CONFLICT DO UPDATE SET
    window = iif(window > NEW.ended_window, window + (window % 1000000 < 999999), excluded.window);

  -- 2. The certificate: insert the audit row of a grant if, and only if, the facts allow the grant
  -- (provision/decide.cc says the same in C++; a property test holds them together). The last two
  -- conditions: the machine has a seat of its own, held or kept for it, or one is free; and no limit of
  -- a budget that blocks is reached.
  INSERT INTO audit_log (at, request_id, action, outcome, actor, license_id, machine_hash,
    address_hash, country, user_agent, details)
  SELECT CAST(NEW.now AS INTEGER), NEW.request_id, 'provision.granted', 'granted', 'client', id,
    NEW.machine_hash, NEW.address_hash, NEW.country, NEW.user_agent, NEW.details
  FROM licenses
  WHERE code_hash = NEW.code_hash AND status = 'active' AND ifnull(expires_at > NEW.now, 1)
    AND deliveries & CAST(NEW.delivery AS INTEGER) AND ifnull(id = NEW.receipt_license_id, 1)
    AND (SELECT window % 1000000 FROM rate_limits WHERE subject = NEW.address_subject) <= NEW.address_limit
    AND (SELECT window % 1000000 FROM rate_limits WHERE subject = licenses.id)
      <= min(NEW.license_limit, ifnull(requests_per_hour, NEW.license_limit))
    AND (SELECT count(*) - 1e6 * total(machine_hash = NEW.machine_hash) FROM machines
      WHERE license_id = licenses.id AND (released_at IS NULL OR seat_held_until > NEW.now)) < max_machines
    AND (budget IS NULL OR budget ->> 'enforcement' <> 'block' OR (
      ifnull((SELECT total(cost) FROM license_spend
        WHERE license_id = licenses.id AND day = NEW.today) < budget ->> 'daily', 1)
      AND ifnull((SELECT total(cost) FROM license_spend
        WHERE license_id = licenses.id AND day >= NEW.month_start) < budget ->> 'monthly', 1)
      AND ifnull((SELECT total(cost) FROM license_spend
        WHERE license_id = licenses.id) < budget ->> 'total', 1)));

  -- 3. Claim or touch the seat, only if that row is there. What was held for the machine stays in its
  -- row, so that the facts tell a seat that it got back from one that it took.
  INSERT INTO machines (license_id, machine_hash, id, first_seen_at, last_seen_at, seated_at, country,
    app_version, ring_version, secrets_tag)
  SELECT a.license_id, a.machine_hash, NEW.new_machine_id, a.at, a.at, a.at, a.country,
    NEW.app_version, s.ring_version, NEW.secrets_tag
  FROM audit_log a CROSS JOIN state s WHERE a.request_id = NEW.request_id AND a.outcome = 'granted'
  ON CONFLICT DO UPDATE SET
    last_seen_at = max(last_seen_at, excluded.last_seen_at), country = excluded.country,
    app_version = ifnull(excluded.app_version, app_version), ring_version_before = ring_version,
    ring_version = excluded.ring_version, secrets_tag_before = secrets_tag, secrets_tag = excluded.secrets_tag,
    seated_at = iif(released_at IS NULL, seated_at, excluded.seated_at),
    version = version + (released_at IS NOT NULL), released_at = NULL;
END;

-- For people in the D1 console. Dollars are rounded; the API's are exact.
CREATE VIEW v_usage_daily AS
SELECT date(hour / 24 * 86400, 'unixepoch') AS day, plan, provider, model, sum(requests) AS requests,
  sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
  sum(cached_input_tokens) AS cached_input_tokens, sum(reasoning_tokens) AS reasoning_tokens,
  round(sum(cost) / 1e9, 4) AS cost_usd, sum(unpriced) AS unpriced
FROM usage_totals GROUP BY hour / 24, plan, provider, model ORDER BY hour / 24 DESC;

CREATE VIEW v_costs_by_license AS
SELECT l.id AS license_id, l.code_hint, l.plan, strftime('%Y-%m', s.day * 86400, 'unixepoch') AS month,
  sum(s.requests) AS requests, round(sum(s.cost) / 1e9, 4) AS cost_usd, sum(s.unpriced) AS unpriced
FROM license_spend s JOIN licenses l ON l.id = s.license_id GROUP BY s.license_id, month;

CREATE VIEW v_unpriced_models AS
SELECT provider, model, sum(unpriced) AS requests, date(max(hour) / 24 * 86400, 'unixepoch') AS last_used
FROM usage_totals WHERE unpriced > 0 GROUP BY provider, model;
