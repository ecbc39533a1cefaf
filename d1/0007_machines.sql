-- Machines have a name, and their holders may free a seat themselves. Only columns, an index and views:
-- a row of before means what it meant.

ALTER TABLE machines ADD COLUMN name TEXT;                   -- that an admin gave it
ALTER TABLE machines ADD COLUMN version INTEGER NOT NULL DEFAULT 1; -- moves with its name and its seat
-- Of a machine whose holder freed its seat: nobody else gets that until then. NULL: it is free at once.
-- While the machine holds a seat it says nothing.
ALTER TABLE machines ADD COLUMN seat_held_until INTEGER;

-- How often the holders of a licence freed a seat; a provision writes no page more.
CREATE INDEX audit_log_releases ON audit_log (license_id, at) WHERE action = 'machine.released' AND actor = 'client';

DROP VIEW v_machines;
CREATE VIEW v_machines AS
SELECT id, license_id, name, country, app_version,
  datetime(first_seen_at / 1000, 'unixepoch') AS first_seen,
  datetime(last_seen_at / 1000, 'unixepoch') AS last_seen,
  datetime(released_at / 1000, 'unixepoch') AS released,
  iif(released_at IS NULL, NULL, datetime(seat_held_until / 1000, 'unixepoch')) AS seat_held_until
FROM machines;

-- The view of d1/0002_provision.sql, where its reasons stand, with two things new: a licence's own limit
-- of requests, and a seat that its holder freed, which counts as taken for a while, but for the machine
-- that had it.
CREATE VIEW provision_v2 AS SELECT
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
  NULL AS secrets_tag;

CREATE TRIGGER provision_v2_ask INSTEAD OF INSERT ON provision_v2
BEGIN
  -- 1. Count the request, once, against its address and, where the licence exists, its licence.
  INSERT INTO rate_limits (subject, window)
  SELECT NEW.address_subject, CAST(NEW.new_window AS INTEGER)
  UNION ALL SELECT id, CAST(NEW.new_window AS INTEGER) FROM licenses WHERE code_hash = NEW.code_hash
  ON CONFLICT DO UPDATE SET
    window = iif(window > NEW.ended_window, window + (window % 1000000 < 999999), excluded.window);

  -- 2. The certificate: insert the audit row of a grant if, and only if, the facts allow the grant
  -- (provision/decide.cc says the same in C++; a property test holds them together). The last
  -- condition: the machine has a seat of its own, held or kept for it, or one is free.
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
      WHERE license_id = licenses.id AND (released_at IS NULL OR seat_held_until > NEW.now)) < max_machines;

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
