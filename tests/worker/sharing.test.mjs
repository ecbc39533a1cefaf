// The sharing score end to end: cron folds what the audit log says, warns, throttles and suspends by the plan; an
// admin sees why and clears it.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { assertProblem, freshMachine, openWorld } from "../support/world.mjs";

const day = 86_400_000;
let world;
let license;
let numUsed = 0;

before(async () => {
  world = await openWorld();
});
after(() => world.stop());
beforeEach(async () => {
  license = await world.license();
});

// used: what the audit log would hold if `machines` machines had asked at noon (UTC) of each of the last `days` days.
async function used({ machines, days = 10, networks = 1, id = license.id }) {
  const rows = [];
  const noon = Math.floor(Date.now() / day) * day + day / 2;
  for (let back = days; back >= 1; back--) {
    for (let machine = 0; machine < machines; machine++) {
      const details = { asn: 1000 + (machine % networks), lat: 52, lon: 13 };
      const granted = machine < 3;
      rows.push({
        at: noon - back * day + machine * 60_000,
        request_id: `req_test_${++numUsed}`,
        action: granted ? "provision.granted" : "provision.denied",
        outcome: granted ? "granted" : "denied",
        reason: granted ? null : "machine_limit",
        license_id: id,
        machine_hash: `machine-${machine}`,
        details: JSON.stringify(details),
      });
    }
  }
  await world.db
    .prepare(
      `INSERT INTO audit_log (at, request_id, action, outcome, reason, actor, license_id, machine_hash, country, details)
       SELECT value ->> 'at', value ->> 'request_id', value ->> 'action', value ->> 'outcome', value ->> 'reason',
         'client', value ->> 'license_id', value ->> 'machine_hash', 'DE', value ->> 'details' FROM json_each(?)`,
    )
    .bind(JSON.stringify(rows))
    .run();
}

const sharing = async (id = license.id) => {
  const { status, body, text } = await world.admin("GET", `/admin/licenses/${id}/sharing`);
  assert.equal(status, 200, text);
  return body;
};

// daysPass: as if the licence's last step and its next look were so long ago.
async function daysPass(days) {
  const sql = `UPDATE sharing SET level_at = level_at - ?1, quiet_since = quiet_since - ?1, due_at = 0`;
  await world.db.prepare(sql).bind(days * day).run();
}

describe("a licence", () => {
  test("that machines ask for within their seats has no score, and what was seen is counted", async () => {
    for (const machine_id of [freshMachine(), freshMachine()]) {
      const { status } = await world.provision({ license_id: license.code, machine_id, delivery: "plain" });
      assert.equal(status, 200);
    }
    await world.sync();
    const row = await sharing();
    assert.deepEqual([row.score, row.level, row.reasons], [0, "none", []]);
    assert.deepEqual([row.seen.machines, row.seen.seats, row.seen.days], [2, 3, 1]);
    assert.deepEqual(row.policy, { warn: 60, throttle: null, suspend: null });
  });

  test("that was never used stands nowhere", async () => {
    const row = await sharing();
    assert.deepEqual([row.score, row.level, row.scored_at, row.seen.machines], [0, "none", null, 0]);
  });

  test("that looks shared is warned once, with reasons, and goes on", async () => {
    await used({ machines: 12, networks: 6 });
    await world.sync();
    await world.sync();
    const row = await sharing();
    assert.equal(row.level, "warn");
    assert.ok(row.score >= 80, String(row.score));
    assert.equal(row.score, Math.min(100, row.reasons.reduce((sum, { points }) => sum + points, 0)));
    assert.match(row.reasons[0].sentence, /^12 machines were in use side by side; the licence has 3 seats\.$/);
    assert.deepEqual(row.seen, { seats: 3, machines: 12, refused: 9, countries: 1, networks: 6, days: 10 });
    const audits = await world.audit("license_id = ? AND actor = 'cron' AND action LIKE 'sharing.%'", license.id);
    assert.deepEqual(audits.map(({ action, outcome }) => [action, outcome]), [["sharing.warned", "done"]]);
    const body = { license_id: license.code, machine_id: freshMachine(), delivery: "plain" };
    assert.equal((await world.provision(body)).status, 200);
    // The page shows no hash of a machine or an address.
    assert.ok(!JSON.stringify(row).includes("machine-"));
  });

  test("is throttled, suspended and told so by the plan, cleared and reinstated by an admin", async () => {
    const plan = { providers: ["kimi"], deliveries: ["plain"], max_machines: 3 };
    const limits = { sharing_warn: 50, sharing_throttle: 60, sharing_suspend: 70 };
    assert.equal((await world.admin("PUT", "/admin/plans/strict", { ...plan, limits })).status, 200);
    license = await world.license({ plan: "strict" });
    const machine_id = freshMachine();
    const body = { license_id: license.code, machine_id, delivery: "plain" };
    const { receipt } = (await world.provision(body)).body;
    await used({ machines: 12, networks: 6 });
    await world.sync();
    assert.equal((await sharing()).level, "warn");
    await daysPass(1);
    await world.sync();
    const throttled = await sharing();
    assert.deepEqual([throttled.level, throttled.requests_per_hour, throttled.status], ["throttle", 6, "active"]);

    await daysPass(1);
    await world.sync();
    const suspended = await sharing();
    assert.deepEqual([suspended.level, suspended.status], ["suspend", "suspended"]);
    assertProblem(await world.provision(body), 401, "invalid_license");
    assertProblem(await world.receiptStatus(receipt), 401, "invalid_license");
    const { body: shown } = await world.admin("GET", `/admin/licenses/${license.id}`);
    assert.deepEqual([shown.status, shown.status_reason], ["suspended", "sharing"]);
    const { body: history } = await world.admin("GET", `/admin/licenses/${license.id}/history`);
    const [{ action, reason, actor, details }] = history.data;
    assert.deepEqual([action, reason, actor], ["license.suspended", "sharing", "cron"]);
    assert.ok(details.score >= 70 && details.reasons.length > 0);

    const cleared = await world.admin("POST", `/admin/licenses/${license.id}/sharing/clear`, { ignore_days: 30 });
    assert.equal(cleared.status, 200, cleared.text);
    assert.deepEqual([cleared.body.score, cleared.body.level, cleared.body.requests_per_hour], [0, "none", null]);
    assert.equal(cleared.body.status, "suspended");
    assert.match(cleared.body.ignored_until, /Z$/);
    assert.equal((await world.admin("POST", `/admin/licenses/${license.id}/reinstate`, {})).status, 200);
    assert.equal((await world.provision(body)).status, 200);
    await used({ machines: 20, days: 5 });
    await world.sync();
    assert.equal((await sharing()).score, 0);
    const audits = await world.audit("license_id = ? AND outcome = 'done' AND action LIKE 'sharing.%'", license.id);
    assert.deepEqual(audits.map(({ action, actor }) => [action, actor]), [
      ["sharing.warned", "cron"],
      ["sharing.throttled", "cron"],
      ["sharing.cleared", "admin:bootstrap"],
    ]);
  });
});

test("the list has the highest scores first, page by page, and one level alone", async () => {
  const other = await world.license();
  await used({ machines: 12, networks: 6, id: other.id });
  await used({ machines: 5, days: 4 });
  await world.sync();
  const seen = [];
  let query = "?limit=1";
  while (query !== null) {
    const { status, body, text } = await world.admin("GET", `/admin/sharing${query}`);
    assert.equal(status, 200, text);
    seen.push(...body.data);
    query = body.next_cursor === null ? null : `?limit=1&cursor=${encodeURIComponent(body.next_cursor)}`;
  }
  const scores = seen.map(({ score }) => score);
  assert.deepEqual(scores, scores.toSorted((a, b) => b - a));
  const ids = seen.map(({ license_id }) => license_id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.includes(other.id) && ids.includes(license.id));
  const { body } = await world.admin("GET", "/admin/sharing?level=warn");
  assert.ok(body.data.length > 0 && body.data.every(({ level }) => level === "warn"));
  assert.ok(!body.data.some(({ license_id }) => license_id === license.id));
  assertProblem(await world.admin("GET", "/admin/sharing?level=none"), 400, "invalid_request");
  assertProblem(await world.admin("GET", `/admin/sharing?level=warn&cursor=${ids[0]}`), 400, "invalid_request");
});

test("a token that may not write licences looks and clears nothing", async () => {
  const { body } = await world.admin("POST", "/admin/tokens", { name: "looks", scopes: ["licenses:read"] });
  const headers = { authorization: `Bearer ${body.token}` };
  assert.equal((await world.admin("GET", "/admin/sharing", undefined, headers)).status, 200);
  const path = `/admin/licenses/${license.id}/sharing/clear`;
  assertProblem(await world.admin("POST", path, { ignore_days: 1 }, headers), 403, "forbidden");
  assert.equal(await world.number("SELECT count(*) FROM sharing WHERE license_id = ?", license.id), 0);
});

test("the console's view says in words what the page does", async () => {
  await used({ machines: 12, networks: 6 });
  await world.sync();
  const row = await world.db.prepare("SELECT * FROM v_sharing WHERE license_id = ?").bind(license.id).first();
  assert.deepEqual([row.level, row.machines, row.seats, row.networks], ["warn", 12, 3, 6]);
  assert.match(row.why, /side by side.*networks/);
});
