// Drills: many machines go on asking while D1, KV or both fail and come back. Whoever got keys has exactly one
// audit row, before or after cron; nobody hears that a good licence is invalid; a revoked one gets nothing
// from the moment the admin was answered.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { failing } from "../support/failing.mjs";
import { freshMachine, openWorld } from "../support/world.mjs";

const numKnown = 24;
const roundsEach = 4; // of every machine in every phase
const inFlightMax = 12;

let world;
let licenses;
let known; // machines that hold a seat and a receipt: {license, request}
before(async () => {
  world = await openWorld({
    wrapper: failing,
    vars: {
      D1_TIMEOUT_MS: "300",
      LOG_LEVEL: "warn",
      RATE_LIMIT_IP_PER_HOUR: "100000",
      RATE_LIMIT_LICENSE_PER_HOUR: "100000",
    },
  });
  licenses = await Promise.all(Array.from({ length: 4 }, () => world.license({ max_machines: 100 })));
  known = [];
  for (let i = 0; i < numKnown; i++) {
    const license = licenses[i % licenses.length];
    const request = { license_id: license.code, machine_id: freshMachine(), delivery: "plain" };
    const { status, body, text } = await world.provision(request);
    assert.equal(status, 200, text);
    // Half of them are known by a receipt, half by the licence's copy in KV alone.
    known.push({ license, request: i % 2 ? { ...request, receipt: body.receipt } : request });
  }
  await world.sync();
});
after(() => world.stop());

// inParallel: the tasks, a few at a time, in order of their begin.
async function inParallel(tasks) {
  const results = [];
  const queue = [...tasks.entries()];
  await Promise.all(
    Array.from({ length: inFlightMax }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await next[1]();
    }),
  );
  return results;
}

const waiting = async () => (await world.kv.list({ prefix: "outbox:" })).keys.length;

// settle: cron runs until nothing waits in KV.
async function settle() {
  for (let run = 0; run < 20 && (await waiting()) > 0; run++) await world.sync();
  assert.equal(await waiting(), 0);
}

// assertRecorded: each answer with keys has one row under its request id, degraded or not, and no row is doubled.
async function assertRecorded(answers) {
  const rows = await world.audit("action = 'provision.granted'");
  const perRequest = Map.groupBy(rows, ({ request_id }) => request_id);
  for (const { status, headers } of answers) {
    const id = headers.get("x-request-id");
    const count = perRequest.get(id)?.length ?? 0;
    if (status === 200) assert.equal(count, 1, `${id}: ${count} rows`);
    else assert.ok(count <= 1, `${id}: ${count} rows`);
  }
}

const drills = [
  // what fails, how a known device fares, how a stranger does
  { name: "D1 dead", headers: { "x-db": "dead" }, known: [200], stranger: [503] },
  { name: "D1 slow", headers: { "x-db": "slow" }, known: [200], stranger: [503] },
  { name: "D1 answering too late", headers: { "x-db": "late" }, known: [200], stranger: [503] },
  { name: "D1 hanging", headers: { "x-db": "hangs" }, known: [200], stranger: [503] },
  { name: "KV dead", headers: { "x-kv": "dead" }, known: [200], stranger: [200] },
  { name: "both dead", headers: { "x-db": "dead", "x-kv": "dead" }, known: [503], stranger: [503] },
];

describe("under load", () => {
  for (const drill of drills) {
    test(`${drill.name}: no row is lost or doubled, and all is well afterwards`, async () => {
      const before = await world.number("SELECT count(*) FROM audit_log WHERE action = 'provision.granted'");
      const answers = [];
      const ask = (request, wanted, headers) => async () => {
        const answer = await world.provision(request, headers);
        answers.push(answer);
        assert.ok(wanted.includes(answer.status), `${answer.status} ${answer.text}`);
        if (answer.status === 503) {
          assert.equal(answer.body.error, "unavailable");
          assert.match(answer.headers.get("retry-after"), /^\d+$/);
        } else {
          assert.equal(Object.keys(answer.body.keys).length, 6);
        }
      };
      const tasks = [];
      for (let round = 0; round < roundsEach; round++) {
        for (const { request } of known) {
          tasks.push(ask(request, drill.known, drill.headers));
          // Others are asking at the same time, and their requests are well.
          if (round === 1) tasks.push(ask(request, [200], {}));
        }
        const stranger = { license_id: licenses[round].code, machine_id: freshMachine(), delivery: "plain" };
        tasks.push(ask(stranger, drill.stranger, drill.headers));
        tasks.push(() => world.sync());
      }
      await inParallel(tasks);
      await settle();
      await assertRecorded(answers);
      // As many rows as answers, but for those whose answer was lost after they took effect.
      const after = await world.number("SELECT count(*) FROM audit_log WHERE action = 'provision.granted'");
      const numServed = answers.filter(({ status }) => status === 200).length;
      assert.ok(after - before >= numServed, `${after - before} rows for ${numServed} answers`);
      if (!["slow", "late"].includes(drill.headers["x-db"])) assert.equal(after - before, numServed);
      for (const { request } of known) assert.equal((await world.provision(request)).status, 200);
    });
  }
});

test("a licence revoked in the midst of it gets nothing from then on, whatever fails", async () => {
  const license = await world.license({ max_machines: 10 });
  const machines = [];
  for (let i = 0; i < 6; i++) {
    const request = { license_id: license.code, machine_id: freshMachine(), delivery: "plain" };
    const { body } = await world.provision(request);
    machines.push({ ...request, receipt: body.receipt });
  }
  await world.sync();
  let isRevoked = false;
  const late = [];
  const ask = (request, headers) => async () => {
    const begunAfter = isRevoked;
    const { status } = await world.provision(request, headers);
    if (begunAfter) late.push({ status, headers });
  };
  const failures = [{}, ...drills.map(({ headers }) => headers)];
  const tasks = [];
  for (let round = 0; round < 4; round++) {
    for (const request of machines) for (const headers of failures) tasks.push(ask(request, headers));
  }
  tasks.splice(tasks.length / 3, 0, async () => {
    const { status } = await world.admin("POST", `/admin/licenses/${license.id}/revoke`, { reason: "drill" });
    assert.equal(status, 200);
    isRevoked = true;
  });
  await inParallel(tasks);
  assert.ok(late.length > 60);
  for (const { status, headers } of late) {
    assert.ok([401, 503].includes(status), `${status} ${JSON.stringify(headers)}`);
  }
  assert.ok(late.some(({ status }) => status === 401));
});
