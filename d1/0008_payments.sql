-- Payments: what Stripe and Gumroad say was bought, and the licences that come of it. What a purchase is worth is
-- computed from all its events each time (wasm/payments/decide.h), so their order and their repetition do not matter.

-- One row for each event of Stripe's, and for each sale of Gumroad's: as it was last read there.
CREATE TABLE payment_events (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,              -- stripe:evt_..., gumroad:<sale>
  provider TEXT NOT NULL,               -- stripe, gumroad
  type TEXT NOT NULL,                   -- the provider's word
  occurred_at INTEGER NOT NULL,         -- by the provider's clock; of a sale, when it was read
  received_at INTEGER NOT NULL,
  state TEXT NOT NULL,                  -- new, taken, waiting (for the purchase it is about), ignored
  facts TEXT NOT NULL,                  -- JSON: what the decision needs, and nothing of a card
  email TEXT,                           -- sealed
  unread INTEGER NOT NULL DEFAULT 0,    -- 1: the provider's API is still to be asked
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER                        -- when cron takes it up; NULL: never
);
CREATE INDEX payment_events_due ON payment_events (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX payment_events_ignored ON payment_events (received_at) WHERE state IN ('ignored', 'waiting');

-- The ids that an event names. Events that share one, over however many others, are about one purchase.
CREATE TABLE payment_aliases (
  alias TEXT NOT NULL,                  -- stripe:sub_..., stripe:pi_..., gumroad:sale_...
  event_seq INTEGER NOT NULL,
  PRIMARY KEY (alias, event_seq)
) WITHOUT ROWID;
CREATE INDEX payment_aliases_by_event ON payment_aliases (event_seq, alias);

CREATE TABLE purchases (
  id TEXT PRIMARY KEY,                  -- pay_...
  purchase_key TEXT NOT NULL UNIQUE,    -- the alias it is known by: its subscription or its single payment
  provider TEXT NOT NULL,
  product TEXT,                         -- the provider's id of what was bought
  outcome TEXT NOT NULL,                -- licensed, unmapped, no_email, held
  standing TEXT NOT NULL,               -- JSON: what its events make of it
  license_id TEXT,
  revision INTEGER NOT NULL DEFAULT 1,  -- moves with every change of this row
  settled_by TEXT NOT NULL,             -- the attempt that wrote it last
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX purchases_by_license ON purchases (license_id) WHERE license_id IS NOT NULL;
CREATE INDEX purchases_by_outcome ON purchases (outcome, id);
CREATE INDEX purchases_by_provider ON purchases (provider, id);

-- What payments last made of a licence, as JSON; NULL: they have nothing to do with it. Where the row says
-- otherwise, an admin changed it since.
ALTER TABLE licenses ADD COLUMN paid_terms TEXT;

-- Generated codes on their way to the seller's webhook.
CREATE TABLE payment_deliveries (
  id TEXT PRIMARY KEY,                  -- msg_..., the webhook-id
  purchase_id TEXT NOT NULL,
  state TEXT NOT NULL,                  -- due, delivered, given_up
  payload TEXT,                         -- sealed; NULL once delivered
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER,
  last_error TEXT,
  created_at INTEGER NOT NULL,
  delivered_at INTEGER
);
CREATE INDEX payment_deliveries_due ON payment_deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX payment_deliveries_by_purchase ON payment_deliveries (purchase_id, id);
CREATE INDEX payment_deliveries_given_up ON payment_deliveries (purchase_id) WHERE state <> 'delivered';

-- The daily walk through what the providers' APIs list. One row for each.
CREATE TABLE payment_reconciles (
  provider TEXT PRIMARY KEY,
  next_at INTEGER NOT NULL,             -- when it goes on
  lease_until INTEGER NOT NULL,         -- until then one run has it
  begun_at INTEGER,                     -- of the walk that is under way; NULL: none is
  from_at INTEGER,                      -- how far back it goes
  cursor TEXT,                          -- where it stands
  done_at INTEGER,                      -- when the last whole walk began
  refused_at INTEGER                    -- when the API last refused our key
) WITHOUT ROWID;
INSERT INTO payment_reconciles (provider, next_at, lease_until) VALUES ('stripe', 0, 0), ('gumroad', 0, 0);

-- For people in the D1 console.
CREATE VIEW v_payments AS
SELECT id, provider, product, outcome, standing ->> 'status' AS status, standing ->> 'reason' AS reason,
  standing ->> 'plan' AS plan, datetime((standing ->> 'ends_at') / 1000, 'unixepoch') AS ends,
  license_id, datetime(created_at / 1000, 'unixepoch') AS created, datetime(updated_at / 1000, 'unixepoch') AS updated
FROM purchases;

CREATE VIEW v_payment_events AS
SELECT id, type, state, datetime(occurred_at / 1000, 'unixepoch') AS occurred,
  datetime(received_at / 1000, 'unixepoch') AS received, datetime(due_at / 1000, 'unixepoch') AS due, attempts
FROM payment_events;
