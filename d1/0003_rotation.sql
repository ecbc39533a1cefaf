-- Rotation of provider keys. provider_keys.state is now one of
--   staged      sealed, and not yet in the key ring
--   published   in the key ring
--   grace       out of the ring; machines may still hold it, so the provider should still take it
--   retired     deleted: its sealed column is NULL

ALTER TABLE provider_keys ADD COLUMN published_at INTEGER;  -- NULL: created_at

-- One attempt to replace one provider's key. Its history is these columns and the audit log.
CREATE TABLE rotations (
  id TEXT PRIMARY KEY,                  -- rot_...
  provider TEXT NOT NULL,
  state TEXT NOT NULL,                  -- staged, verified, published, retired, failed, cancelled
  revision INTEGER NOT NULL DEFAULT 1,  -- moves with every change of this row
  from_version INTEGER,                 -- 1: the Worker secret; NULL: the provider had no key
  to_version INTEGER NOT NULL,
  key_id TEXT NOT NULL,                 -- key_..., the new key's row
  material_hash TEXT NOT NULL,          -- of the new key, keyed
  idempotency_hash TEXT UNIQUE,
  must_verify INTEGER NOT NULL,         -- 1: not published before the provider took it
  is_emergency INTEGER NOT NULL,        -- 1: no grace
  grace_days INTEGER NOT NULL,
  ends_by TEXT NOT NULL,                -- time, adoption
  publish_at INTEGER,                   -- NULL: when somebody asks
  verdict TEXT,                         -- of the provider on the new key: accepted, refused, could_not_ask
  verdict_detail TEXT,
  verified_at INTEGER,
  published_at INTEGER,
  ring_version INTEGER,                 -- the ring in which it was published
  grace_ends_at INTEGER,
  old_verdict TEXT,                     -- of the provider on the old key, as the grace ended
  old_verdict_at INTEGER,
  failure TEXT,
  due_at INTEGER,                       -- when cron looks at it next; NULL: never
  actor TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE UNIQUE INDEX rotations_open ON rotations (provider) WHERE state IN ('staged', 'verified', 'published');
CREATE INDEX rotations_due ON rotations (due_at) WHERE due_at IS NOT NULL;

-- Who has come by since a key was published.
CREATE INDEX machines_by_last_seen ON machines (last_seen_at, ring_version) WHERE released_at IS NULL;

CREATE VIEW v_rotation_status AS
SELECT id, provider, state, from_version, to_version, verdict, old_verdict, failure, actor,
  datetime(created_at / 1000, 'unixepoch') AS created,
  datetime(published_at / 1000, 'unixepoch') AS published,
  datetime(grace_ends_at / 1000, 'unixepoch') AS grace_ends,
  datetime(ended_at / 1000, 'unixepoch') AS ended
FROM rotations;
