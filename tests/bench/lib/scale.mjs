// What a full database costs: ours on 1,000,000 licences and 3,000,000 machines, which are written straight into
// SQLite's file, against ours with its own few. In the row the empty database stands where the floor does, twice:
// the second is the A/A pair.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { databaseOf } from "./history.mjs";
import { aaFacts, makeRow } from "./report.mjs";
import { runRounds, warmUp } from "./rounds.mjs";
import { stopAllServers } from "./server.mjs";

const kMachinesEach = 3;
const kFull = { licenses: 1_000_000 };
const kSmoke = { licenses: 2_000 };
const kDelivery = "plain";

// A hash is 43 characters. Those of licences come in no order, as real ones do.
const kHash = "substr(hex(randomblob(22)), 1, 43)";

function fillWith({ licenses }) {
  return async (stateDir, progress) => {
    const db = new DatabaseSync(databaseOf(stateDir));
    try {
      db.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000");
      progress(`scale: writing ${licenses} licences and ${licenses * kMachinesEach} machines`);
      db.exec(`
        BEGIN;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${licenses})
        INSERT INTO licenses (id, code_hash, code_hint, kind, plan, plan_version, providers, deliveries,
          max_machines, status, expires_at, version, kv_version, created_at, updated_at)
        SELECT printf('lic_%026d', i), ${kHash}, 'WF-FILL...', 'generated', p.name, p.version, p.providers,
          p.deliveries, p.max_machines, iif(i % 10, 'active', 'revoked'), 1900000000000 + i, 1, 1, i, i
        FROM n, plans p WHERE p.name = 'pro' AND p.version = 1;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${licenses * kMachinesEach})
        INSERT INTO machines (license_id, machine_hash, id, first_seen_at, last_seen_at, seated_at, country,
          ring_version, secrets_tag)
        SELECT printf('lic_%026d', (i - 1) / ${kMachinesEach} + 1), ${kHash}, printf('mch_%026d', i), i, i, i, 'DE', 1,
          '------------------------------------------------' FROM n;
        COMMIT;`);
      const { value } = db.prepare("SELECT count(*) AS value FROM machines").get();
      assert.ok(value >= licenses * kMachinesEach);
    } finally {
      db.close();
    }
  };
}

// start(name, stateDir, fill, options): one server, as main.mjs has it. Gives {rows, facts}.
export async function measureScale(options, start, progress) {
  const size = options.smoke ? kSmoke : kFull;
  const directory = mkdtempSync(join(tmpdir(), "latchkey-scale-"));
  try {
    const contenders = [];
    for (const [name, fill] of [["floor", null], ["ours", fillWith(size)], ["floor_again", null]]) {
      const contender = await start(name, join(directory, name), fill, options);
      await warmUp(contender, kDelivery, options);
      contenders.push(contender);
    }
    const rounds = await runRounds(contenders, [kDelivery], options, progress);
    const row = makeRow(`provision_${size.licenses}_licenses`, rounds[kDelivery], { answerBytes: null });
    return { rows: [row], facts: aaFacts(rounds) };
  } finally {
    await stopAllServers();
    rmSync(directory, { recursive: true, force: true });
  }
}
