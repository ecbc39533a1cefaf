// D1 away, and a device that the licence's KV copy lists or that shows a receipt: it keeps
// provisioning, its audit row waits in KV, and cron moves it into D1 once.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openFernet } from "../support/client.mjs";
import { failing } from "../support/failing.mjs";
import { assertProblem, freshMachine, openWorld, providers } from "../support/world.mjs";

let world;
before(async () => {
  world = await openWorld({ wrapper: failing, vars: { D1_TIMEOUT_MS: "500", RATE_LIMIT_LICENSE_PER_HOUR: "8" } });
});
after(() => world.stop());

// A machine that provisioned once, `known` to KV (cron ran) or only by its receipt.
async function device({ known = true } = {}) {
  const { id, code } = await world.license();
  const request = { license_id: code, machine_id: freshMachine(), delivery: "plain" };
  const first = await world.provision(request);
  assert.equal(first.status, 200, first.text);
  if (known) await world.sync();
  return { id, request, receipt: first.body.receipt };
}
const outbox = async () => (await world.kv.list({ prefix: "outbox:" })).keys.length;
const degradedRows = (id) => world.audit("license_id = ? AND details LIKE '%degraded%'", id);

describe("a known device while D1 does not answer", () => {
  for (const how of ["dead", "late", "hangs"]) {
    test(`gets its keys, and the audit holds each grant once (${how})`, async () => {
      const { id, request } = await device();
      const answer = await world.provision(request, { "x-db": how });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(Object.keys(answer.body.keys), providers);
      assert.equal(await outbox(), 1);
      await world.sync();
      await world.sync();
      assert.equal(await outbox(), 0);
      const rows = await world.audit("request_id = ?", answer.headers.get("x-request-id"));
      assert.equal(rows.length, 1);
      // A batch that took effect although its answer was lost has written the row itself.
      assert.equal((await degradedRows(id)).length, how === "late" ? 0 : 1);
    });
  }

  test("is known by its receipt before KV lists it, and a stranger is not", async () => {
    const { request, receipt } = await device({ known: false });
    assert.equal((await world.provision({ ...request, receipt }, { "x-db": "dead" })).status, 200);
    assertProblem(await world.provision(request, { "x-db": "dead" }), 503, "unavailable");
    await world.sync();
    const stranger = { ...request, machine_id: freshMachine() };
    assertProblem(await world.provision(stranger, { "x-db": "dead" }), 503, "unavailable");
  });

  test("opens a fernet answer as ever", async () => {
    const { request } = await device();
    const { status, body } = await world.provision({ ...request, delivery: "fernet" }, { "x-db": "dead" });
    assert.equal(status, 200);
    assert.deepEqual(openFernet(body.keys, request.machine_id), world.providerKeys);
  });

  test("of a revoked licence is refused: the revocation reached KV before the admin heard of it", async () => {
    const { id, request, receipt } = await device();
    await world.admin("POST", `/admin/licenses/${id}/revoke`, {});
    assertProblem(await world.provision({ ...request, receipt }, { "x-db": "dead" }), 401, "invalid_license");
    await world.sync();
    assert.equal((await world.audit("license_id = ? AND reason = 'revoked'", id)).length, 1);
  });

  test("of a reissued licence is refused under its old code", async () => {
    const { id, request, receipt } = await device();
    await world.admin("POST", `/admin/licenses/${id}/reissue`, {});
    assertProblem(await world.provision({ ...request, receipt }, { "x-db": "dead" }), 401, "invalid_license");
  });

  test("is held to this isolate's own limit, without a row for each refusal", async () => {
    const { request } = await device();
    const before = await outbox();
    for (let i = 0; i < 8; i++) assert.equal((await world.provision(request, { "x-db": "dead" })).status, 200);
    for (let i = 0; i < 3; i++) {
      const answer = await world.provision(request, { "x-db": "dead" });
      assertProblem(answer, 429, "rate_limited");
      assert.match(answer.headers.get("retry-after"), /^\d+$/);
    }
    assert.equal(await outbox(), before + 8);
  });

  test("a damaged row in the outbox is logged and dropped, and does not hold up the others", async () => {
    const { id, request } = await device();
    await world.kv.put("outbox:req_00000000000000000000000000", '{"at":1,"request');
    await world.kv.put("outbox:req_00000000000000000000000001", "[1]");
    assert.equal((await world.provision(request, { "x-db": "dead" })).status, 200);
    await world.sync();
    assert.equal(await outbox(), 0);
    assert.equal((await degradedRows(id)).length, 1);
    assert.equal(world.logs.filter(({ record }) => record?.event === "outbox_row_damaged").length, 2);
  });

  test("gets a 503 when KV is away too, and no key", async () => {
    const { request } = await device();
    assertProblem(await world.provision(request, { "x-db": "dead", "x-kv": "dead" }), 503, "unavailable");
  });
});
