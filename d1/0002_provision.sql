-- POST /keys/provision and POST /keys/status ask the database one question, by inserting a row into
-- this view (wasm/store/queries/provision_ask.sql). It holds nothing: its trigger counts the
-- request, certifies the grant and claims the seat. One statement, because each further one
-- of a D1 batch costs as much as a whole plain decision (docs/architecture.md).
--
-- A change is a view of the next number: the Worker before the migration still asks the old one.
-- D1's remote splitter wants BEGIN and END in capitals, and no other END between them.
CREATE VIEW provision_v1 AS SELECT
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
  NULL AS license_limit,
  NULL AS new_machine_id,
  NULL AS app_version,
  NULL AS secrets_tag;

-- What a machine held before it was last given its keys: by then the answer can only read what it holds now.
ALTER TABLE machines ADD COLUMN ring_version_before INTEGER;
ALTER TABLE machines ADD COLUMN secrets_tag_before TEXT;

CREATE TRIGGER provision_v1_ask INSTEAD OF INSERT ON provision_v1
BEGIN
  -- 1. Count the request, once, against its address and, where the licence exists, its licence.
  INSERT INTO rate_limits (subject, window)
  SELECT NEW.address_subject, CAST(NEW.new_window AS INTEGER)
  UNION ALL SELECT id, CAST(NEW.new_window AS INTEGER) FROM licenses WHERE code_hash = NEW.code_hash
  ON CONFLICT DO UPDATE SET
    window = iif(window > NEW.ended_window, window + (window % 1000000 < 999999), excluded.window);

  -- 2. The certificate: insert the audit row of a grant if, and only if, the facts allow the grant
  -- (provision/decide.cc says the same in C++; a property test holds them together). The last
  -- condition: the machine has a seat of its own, or one is free.
  INSERT INTO audit_log (at, request_id, action, outcome, actor, license_id, machine_hash,
    address_hash, country, user_agent, details)
  SELECT CAST(NEW.now AS INTEGER), NEW.request_id, 'provision.granted', 'granted', 'client', id,
    NEW.machine_hash, NEW.address_hash, NEW.country, NEW.user_agent, NEW.details
  FROM licenses
  WHERE code_hash = NEW.code_hash AND status = 'active' AND ifnull(expires_at > NEW.now, 1)
    AND deliveries & CAST(NEW.delivery AS INTEGER) AND ifnull(id = NEW.receipt_license_id, 1)
    AND (SELECT window % 1000000 FROM rate_limits WHERE subject = NEW.address_subject) <= NEW.address_limit
    AND (SELECT window % 1000000 FROM rate_limits WHERE subject = licenses.id) <= NEW.license_limit
    AND (SELECT count(*) - 1e6 * total(machine_hash = NEW.machine_hash) FROM machines
      WHERE license_id = licenses.id AND released_at IS NULL) < max_machines;

  -- 3. Claim or touch the seat, only if that row is there.
  INSERT INTO machines (license_id, machine_hash, id, first_seen_at, last_seen_at, seated_at, country,
    app_version, ring_version, secrets_tag)
  SELECT a.license_id, a.machine_hash, NEW.new_machine_id, a.at, a.at, a.at, a.country,
    NEW.app_version, s.ring_version, NEW.secrets_tag
  FROM audit_log a CROSS JOIN state s WHERE a.request_id = NEW.request_id AND a.outcome = 'granted'
  ON CONFLICT DO UPDATE SET
    last_seen_at = max(last_seen_at, excluded.last_seen_at), country = excluded.country,
    app_version = ifnull(excluded.app_version, app_version), ring_version_before = ring_version,
    ring_version = excluded.ring_version, secrets_tag_before = secrets_tag, secrets_tag = excluded.secrets_tag,
    seated_at = iif(released_at IS NULL, seated_at, excluded.seated_at), released_at = NULL;
END;
