// The whole service killed while it works: what was answered is stored, once.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { ends, makePlace, startAt } from "../support/started.mjs";

const seatsMax = 3;
const numLicenses = 10; // A round, so few that their seats run out.
const numClients = 24;
const rounds = 3;

// openDatabase: D1's file, read only. The rows of the last batch may still be in its log.
function openDatabase(state) {
  const directory = join(state, "v3/d1/miniflare-D1DatabaseObject");
  const file = readdirSync(directory).find((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  return new DatabaseSync(join(directory, file), { readOnly: true });
}

async function createLicenses(url, token, count, max_machines) {
  const response = await fetch(new URL("/admin/licenses", url), {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ count, max_machines }),
  });
  assert.equal(response.status, 201);
  return (await response.json()).licenses;
}

// hammer: clients that provision without pause until the service is gone. Gives the request id
// of every answer that held keys, read to its end.
async function hammer(url, licenses) {
  const granted = [];
  let numDenied = 0;
  const client = async (n) => {
    for (let i = 0; ; i++) {
      const { code } = licenses[(n + i) % licenses.length];
      const deliveries = ["plain", "fernet"];
      try {
        const response = await fetch(new URL("/keys/provision", url), {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({
            license_id: code,
            machine_id: `machine-${n}-${i % 9}`,
            delivery: deliveries[i % 2],
          }),
        });
        const body = await response.json();
        if (response.status === 200 && Object.keys(body.keys).length === 6)
          granted.push(response.headers.get("x-request-id"));
        else numDenied++;
      } catch {
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: numClients }, (_, n) => client(n)));
  return { granted, numDenied };
}

test("killed under load: each answered provision has its one audit row, and seats hold", async (t) => {
  const place = makePlace(t);
  writeFileSync(place.envFile, "RATE_LIMIT_IP_PER_HOUR=900000\nRATE_LIMIT_LICENSE_PER_HOUR=900000\n");
  const answered = [];
  let licenses;
  for (let round = 0; round < rounds; round++) {
    const run = await startAt(t, place, ["--port", "0", "--no-demo"]);
    assert.ok(run.url, run.stderr);
    licenses = await createLicenses(run.url, place.secrets().ADMIN_TOKEN, numLicenses, seatsMax);
    const workerd = run.workerd();
    const load = hammer(run.url, licenses);
    await delay(700 + 300 * round);
    process.kill(workerd, "SIGKILL");
    assert.ok(await ends(workerd));
    const { granted, numDenied } = await load;
    assert.ok(granted.length > 20, `${granted.length} granted`);
    assert.ok(numDenied > 0, "seats ran out");
    answered.push(...granted);
    assert.equal((await run.ended).status, 1, "start ends where workerd does");
  }

  const last = await startAt(t, place, ["--port", "0", "--no-demo"]);
  assert.ok(last.url, last.stderr);
  const again = await createLicenses(last.url, place.secrets().ADMIN_TOKEN, 1, 1);
  const load = hammer(last.url, again);
  await delay(300);
  last.child.kill("SIGTERM");
  answered.push(...(await load).granted);
  assert.equal((await last.ended).status, 0, last.stderr);

  const db = openDatabase(place.state);
  try {
    const row = db.prepare("SELECT count(*) AS n, min(action) AS action FROM audit_log WHERE request_id = ?");
    for (const id of answered) {
      const { n, action } = row.get(id);
      assert.deepEqual([n, action], [1, "provision.granted"], id);
    }
    assert.equal(new Set(answered).size, answered.length);
    assert.equal(
      db
        .prepare(
          "SELECT count(*) AS n FROM (SELECT 1 FROM audit_log GROUP BY request_id, item HAVING count(*) > 1)",
        )
        .get().n,
      0,
    );
    const over = db
      .prepare(
        `SELECT license_id, count(*) AS seats FROM machines WHERE released_at IS NULL
      GROUP BY license_id HAVING seats > ?`,
      )
      .all(seatsMax);
    assert.deepEqual(over, []);
    // A seat without a grant would be one that a client paid for and never got.
    const idle = db
      .prepare(
        `SELECT count(*) AS n FROM machines m WHERE NOT EXISTS (SELECT 1 FROM audit_log a
      WHERE a.license_id = m.license_id AND a.machine_hash = m.machine_hash
        AND a.action = 'provision.granted')`,
      )
      .get();
    assert.equal(idle.n, 0);
    assert.equal(db.prepare("PRAGMA integrity_check").get().integrity_check, "ok");
  } finally {
    db.close();
  }
});
