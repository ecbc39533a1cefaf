// D1, KV or the core failing: an outage never looks like an invalid licence, no key leaves without
// its audit row, and what fails once works when it is tried again.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { openFernet } from "../support/client.mjs";
import { failing } from "../support/failing.mjs";
import { logged } from "../support/miniflare.mjs";
import { assertProblem, freshMachine, openWorld, providers } from "../support/world.mjs";

const d1TimeoutMs = 600;

let world;
before(async () => {
  world = await openWorld({
    wrapper: failing,
    vars: { D1_TIMEOUT_MS: String(d1TimeoutMs), LOG_LEVEL: "warn" },
  });
});
beforeEach(() => (world.logs.length = 0));
after(() => world.stop());

const stranger = async (terms) => {
  const { id, code } = await world.license(terms);
  return { id, request: { license_id: code, machine_id: freshMachine(), delivery: "plain" } };
};
const granted = (id) => world.audit("license_id = ? AND action = 'provision.granted'", id);
const isWhole = ({ body }) => assert.deepEqual(Object.keys(body.keys), providers);

function assertOutage(answer) {
  assertProblem(answer, 503, "unavailable");
  assert.equal(answer.body.keys, undefined);
}

describe("D1 away, and a device that nobody knows", () => {
  for (const how of ["dead", "late", "hangs"]) {
    test(`provision and status are a retryable 503 (${how}), and work once D1 is back`, async () => {
      const { id, request } = await stranger();
      const begun = Date.now();
      assertOutage(await world.provision(request, { "x-db": how }));
      assert.ok(Date.now() - begun < d1TimeoutMs + 1500, "time-boxed");
      assertOutage(await world.status(request, { "x-db": how }));
      const answer = await world.provision(request);
      assert.equal(answer.status, 200, answer.text);
      isWhole(answer);
      // An answer that was lost on the way may have been recorded, but took no second seat.
      assert.equal((await granted(id)).length, how === "late" ? 2 : 1);
      assert.equal(await world.number("SELECT count(*) FROM machines WHERE license_id = ?", id), 1);
    });
  }

  test("a licence that does not exist is a 503 too: nobody can say that it does not", async () => {
    assertOutage(
      await world.provision({ license_id: "WRITER-2024-NONE", machine_id: "m" }, { "x-db": "dead" }),
    );
  });

  test("a denial that cannot be recorded is a 503, and no key leaves", async () => {
    const { request } = await stranger({ max_machines: 1 });
    await world.provision(request);
    assertOutage(
      await world.provision({ ...request, machine_id: freshMachine() }, { "x-db": "dead from 2" }),
    );
  });

  test("a first fernet whose key cannot be kept is a 503, and whole at the next try", async () => {
    const { request } = await stranger();
    assertOutage(await world.provision({ ...request, delivery: "fernet" }, { "x-db": "dead from 2" }));
    const { status, body } = await world.provision({ ...request, delivery: "fernet" });
    assert.equal(status, 200);
    assert.deepEqual(openFernet(body.keys, request.machine_id), world.providerKeys);
  });

  test("the admin API is a 503, and what it did not say it did is not half done", async () => {
    const before = await world.number("SELECT count(*) FROM licenses");
    assertOutage(await world.admin("POST", "/admin/licenses", { count: 5 }, { "x-db": "dead" }));
    assertOutage(await world.admin("GET", "/admin/licenses", undefined, { "x-db": "dead" }));
    assert.equal(await world.number("SELECT count(*) FROM licenses"), before);
    assertOutage(
      await world.send("GET", "/admin/licenses", undefined, {
        authorization: "Bearer wrong-0123456789",
        "x-db": "dead",
      }),
    );
  });

  test("/ready is red and says what fails, /health and the public documents answer", async () => {
    const answer = await world.fetch("/ready", { headers: { "x-db": "dead" } });
    assert.equal(answer.status, 503);
    assert.match(answer.headers.get("retry-after"), /^\d+$/);
    assert.deepEqual(answer.body, { ready: false, checks: { crypto: "ok", d1: "failed", kv: "ok" } });
    for (const path of ["/health", "/version", "/openapi.json", "/.well-known/jwks.json"]) {
      assert.equal(
        (await world.fetch(path, { headers: { "x-db": "dead", "x-kv": "dead" } })).status,
        200,
        path,
      );
    }
  });
});

describe("KV away", () => {
  for (const how of ["dead", "late", "garbage"]) {
    test(`D1 answers clients and admins (${how})`, async () => {
      const kv = { "x-kv": how };
      const created = await world.admin("POST", "/admin/licenses", {}, kv);
      assert.equal(created.status, 201, created.text);
      const [{ id, code }] = created.body.licenses;
      const request = { license_id: code, machine_id: "m", delivery: "plain" };
      const answer = await world.provision(request, kv);
      assert.equal(answer.status, 200, answer.text);
      isWhole(answer);
      assert.deepEqual((await world.status(request, kv)).body, { changed: false });
      assert.equal((await world.admin("POST", `/admin/licenses/${id}/revoke`, {}, kv)).status, 200);
      assertProblem(await world.provision(request, kv), 401, "invalid_license");
    });
  }

  test("GET /keys/status, which reads only KV, is a retryable 503 and never a 401", async () => {
    const { request } = await stranger();
    const { body } = await world.provision(request);
    assertOutage(await world.receiptStatus(body.receipt, { "x-kv": "dead" }));
    assert.equal((await world.receiptStatus(body.receipt)).status, 200);
  });
});

test("both away: a retryable 503 for everybody, also a device that is known", async () => {
  const { request } = await stranger();
  const { body } = await world.provision(request);
  await world.sync();
  const both = { "x-db": "dead", "x-kv": "dead" };
  for (const receipt of [undefined, body.receipt]) {
    assertOutage(await world.provision({ ...request, receipt }, both));
    assertOutage(await world.status({ ...request, receipt }, both));
  }
  assert.equal((await world.provision(request)).status, 200);
});

describe("cron with D1 or KV away does what it can, and the next run the rest", () => {
  // One grant whose audit row waits in KV, by a device that its receipt makes known.
  async function waitingRow() {
    const { request } = await stranger();
    const { receipt } = (await world.provision(request)).body;
    const answer = await world.provision({ ...request, receipt }, { "x-db": "dead" });
    assert.equal(answer.status, 200, answer.text);
    return answer.headers.get("x-request-id");
  }
  const waiting = async () => (await world.kv.list({ prefix: "outbox:" })).keys.length;

  for (const [what, headers] of [
    ["D1 dead", { "x-cron-db": "dead" }],
    ["D1 answering too late", { "x-cron-db": "late" }],
    ["KV dead", { "x-cron-kv": "dead" }],
    ["KV dying on the way", { "x-cron-kv": "dead from 3" }],
    ["KV answering too late", { "x-cron-kv": "late" }],
  ]) {
    test(what, async () => {
      const ids = [await waitingRow(), await waitingRow()];
      assert.equal(await waiting(), 2);
      await world.fetch("/health", { headers });
      await world.sync();
      await world.sync();
      assert.equal(await waiting(), 0);
      for (const id of ids) assert.equal((await world.audit("request_id = ?", id)).length, 1);
    });
  }
});

describe("the core traps", () => {
  for (const name of ["now_ms", "start_op", "respond"]) {
    test(`in ${name}: that request is a retryable 503, the log says so, and the next is served`, async () => {
      const { request } = await stranger();
      assertOutage(await world.provision(request, { "x-trap": name }));
      const record = await logged(world, "instance_discarded");
      assert.match(record.reason, new RegExp(`test: ${name} fails`));
      const answer = await world.provision(request);
      assert.equal(answer.status, 200, answer.text);
      isWhole(answer);
    });
  }

  test("on an answer of D1 that makes no sense: a 503, and the next is served", async () => {
    const { request } = await stranger();
    const answer = await world.provision(request, { "x-db": "garbage" });
    assert.ok([500, 503].includes(answer.status), answer.text);
    assert.equal(answer.body.keys, undefined);
    assert.equal((await world.provision(request)).status, 200);
  });

  test("the others in flight fail with it, retryably, and all succeed when they try again", async () => {
    const { id, request } = await stranger({ max_machines: 20 });
    const requests = Array.from({ length: 20 }, () => ({ ...request, machine_id: freshMachine() }));
    const slow = { "x-db": "slow" };
    const held = requests.map((one) => world.provision(one, slow));
    await new Promise((resolve) => setTimeout(resolve, 150));
    assertOutage(await world.provision(request, { "x-trap": "now_ms" }));
    const later = world.provision(requests[0]);
    for (const answer of await Promise.all(held)) assertOutage(answer);
    assert.equal((await later).status, 200);
    for (const answer of await Promise.all(requests.map((one) => world.provision(one)))) {
      assert.equal(answer.status, 200, answer.text);
      isWhole(answer);
    }
    assert.equal(await world.number("SELECT count(*) FROM machines WHERE license_id = ?", id), 20);
  });

  test("what limits know is not lost: it is in D1", async () => {
    const { id, request } = await stranger();
    for (let i = 0; i < 60; i++) assert.equal((await world.provision(request)).status, 200);
    assertOutage(await world.provision(request, { "x-trap": "respond" }));
    assertProblem(await world.provision(request), 429, "rate_limited");
    assert.equal((await granted(id)).length, 60);
  });
});
