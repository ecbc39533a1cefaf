// Machines: their holders free seats, admins name them, cron frees idle ones; and what the audit log
// may know of where a grant went.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { failing } from "../support/failing.mjs";
import { assertProblem, freshMachine, openWorld } from "../support/world.mjs";

const day = 24 * 3600 * 1000;
const cf = { country: "NL", asn: 1136, latitude: "52.37403", longitude: "4.88969" };

let world;
before(async () => {
  world = await openWorld({ wrapper: failing, cf, vars: { D1_TIMEOUT_MS: "500", MACHINE_IDLE_DAYS: "40" } });
});
after(() => world.stop());

const release = (body, headers, query = "") => world.send("POST", `/machines/release${query}`, body, headers);

// seated: a licence and a machine that holds a seat of it.
async function seated(terms = { max_machines: 1 }) {
  const { id, code } = await world.license(terms);
  const request = { license_id: code, machine_id: freshMachine() };
  const answer = await world.provision({ ...request, delivery: "plain" });
  assert.equal(answer.status, 200, answer.text);
  return { id, request, receipt: answer.body.receipt };
}
const provision = (request, machine_id = request.machine_id, headers = {}) =>
  world.provision({ ...request, machine_id, delivery: "plain" }, headers);
const machines = async (id) => (await world.admin("GET", `/admin/licenses/${id}/machines`)).body.data;
// pass: as if so much time had gone by for this licence's seats and releases.
async function pass(id, ms) {
  const columns = ["seat_held_until", "released_at", "last_seen_at"].map((name) => `${name} = ${name} - ${ms}`);
  await world.db.prepare(`UPDATE machines SET ${columns.join(", ")} WHERE license_id = ?`).bind(id).run();
  await world.db.prepare(`UPDATE audit_log SET at = at - ${ms} WHERE license_id = ?`).bind(id).run();
}

describe("a holder", () => {
  test("moves to another machine: the seat is freed, cools down, and is taken", async () => {
    const { id, request } = await seated();
    const answer = await release(request);
    assert.equal(answer.status, 200, answer.text);
    const { body } = answer;
    assert.deepEqual([body.released, body.seats], [true, { max: 1, used: 0, cooling_down: 1, free: 0 }]);
    assert.deepEqual(body.releases, { limit: 3, left: 2 });
    assert.equal(Date.parse(body.seat_free_at) - Date.parse(body.released_at), day);
    assert.deepEqual(body.machines.map(({ is_this, seat_free_at }) => [is_this, seat_free_at]), [
      [true, body.seat_free_at],
    ]);
    assert.match(answer.headers.get("ratelimit"), /"ip";r=\d+;t=\d+, "license";r=\d+/);

    const next = freshMachine();
    const refused = assertProblem(await provision(request, next), 403, "machine_limit");
    assert.equal(refused.resets_at, body.seat_free_at);
    assert.ok(refused.message.includes(body.seat_free_at), refused.message);
    await pass(id, day);
    assert.equal((await provision(request, next)).status, 200);
    assertProblem(await provision(request), 403, "machine_limit");
  });

  test("whose machine comes back at once finds its seat", async () => {
    const { id, request } = await seated();
    assert.equal((await release(request)).status, 200);
    assert.equal((await provision(request)).status, 200);
    assert.equal((await machines(id))[0].released_at, null);
  });

  test("who asks again, because the answer was lost, is told the same and uses up nothing", async () => {
    const { id, request } = await seated();
    const first = (await release(request)).body;
    const again = (await release(request)).body;
    assert.deepEqual({ ...again, released: true }, first);
    assert.equal(again.released, false);
    assert.equal((await world.audit("license_id = ? AND action = 'machine.released'", id)).length, 1);
  });

  test("frees another machine's seat from one that has its own, and not from a stranger", async () => {
    const { id, request } = await seated({ max_machines: 2 });
    const lost = freshMachine();
    await provision(request, lost);
    const shown = await release(request, {}, "?dry_run=1");
    assert.deepEqual([shown.body.dry_run, shown.body.released], [true, false]);
    const { id: lostId } = shown.body.machines.find(({ is_this }) => !is_this);
    const stranger = { ...request, machine_id: freshMachine(), release_machine_id: lostId };
    assertProblem(await release(stranger), 403, "forbidden");
    assertProblem(await release({ ...request, release_machine_id: "mch_nobody" }), 404, "not_found");
    const foreign = (await machines((await seated()).id))[0].id;
    assertProblem(await release({ ...request, release_machine_id: foreign }), 404, "not_found");
    const answer = await release({ ...request, release_machine_id: lostId });
    assert.deepEqual([answer.body.released, answer.body.machine_id], [true, lostId]);
    const [row] = await world.audit("license_id = ? AND action = 'machine.released'", id);
    assert.deepEqual(
      [row.actor, row.outcome, row.reason, row.details],
      ["client", "done", null, JSON.stringify({ machine_id: lostId })],
    );
    for (const text of [JSON.stringify(row), answer.text]) {
      for (const secret of [lost, request.machine_id, request.license_id]) assert.ok(!text.includes(secret));
    }
  });

  test("is braked at three in 30 days, and the fourth says when", async () => {
    const { id, request } = await seated();
    for (let i = 0; i < 3; i++) {
      assert.equal((await release(request)).body.released, true);
      assert.equal((await provision(request)).status, 200);
      await pass(id, day);
    }
    const answer = await release(request);
    const { resets_at } = assertProblem(answer, 429, "release_limit");
    const wait = Number(answer.headers.get("retry-after"));
    assert.ok(Math.abs(wait - 27 * 86400) < 60, String(wait));
    assert.ok(Math.abs(Date.parse(resets_at) - Date.now() - wait * 1000) < 60_000, resets_at);
    const [row] = await world.audit("license_id = ? AND action = 'release.denied'", id);
    assert.equal(row.reason, "release_limit");
    await pass(id, 27 * day);
    assert.equal((await release(request)).body.released, true);
  });

  test("shows a receipt instead of the licence; a forged, foreign or expired one is refused", async () => {
    const { id, request, receipt } = await seated();
    const other = await seated();
    const bearer = (token) => ({ authorization: `Bearer ${token}` });
    const { machine_id } = request;
    for (const token of [`${receipt}x`, other.receipt, "none"]) {
      assertProblem(await release({ machine_id }, bearer(token)), 401, "invalid_license");
      assertProblem(await release(request, bearer(token)), 401, "invalid_license");
    }
    assertProblem(await release({ machine_id: other.request.machine_id }, bearer(receipt)), 401, "invalid_license");
    assertProblem(await release({ ...other.request, machine_id }, bearer(receipt)), 401, "invalid_license");
    assert.equal((await machines(id))[0].released_at, null);
    const answer = await release({ machine_id }, bearer(receipt));
    assert.deepEqual([answer.status, answer.body.released], [200, true], answer.text);
  });

  test("of a licence that is not active is refused, and each asking counts once", async () => {
    const { id, request } = await seated();
    const before = (await world.window(id)).hits;
    assert.equal((await release(request, {}, "?dry_run=1")).status, 200);
    assert.equal((await world.window(id)).hits, before + 1);
    await world.admin("POST", `/admin/licenses/${id}/suspend`, {});
    assertProblem(await release(request), 401, "invalid_license");
    assertProblem(await release({ ...request, license_id: "NO-SUCH-CODE" }), 401, "invalid_license");
    assertProblem(await release({ ...request, license_id: null }), 401, "invalid_license");
    await world.admin("POST", `/admin/licenses/${id}/reinstate`, {});
    await world.setHits(id, 60);
    assertProblem(await release(request), 429, "rate_limited");
  });

  test("is never told no because D1 is away", async () => {
    const { request } = await seated();
    for (const how of ["dead", "late"]) assertProblem(await release(request, { "x-db": how }), 503, "unavailable");
    // The second batch had taken effect: only its answer was lost.
    const again = await release(request);
    assert.deepEqual([again.status, again.body.released], [200, false]);
  });

  test("frees a seat in KV too, so that an outage serves the machine no more", async () => {
    const { request } = await seated();
    await world.sync();
    assert.equal((await provision(request, undefined, { "x-db": "dead" })).status, 200);
    assert.equal((await release(request)).status, 200);
    assertProblem(await provision(request, undefined, { "x-db": "dead" }), 503, "unavailable");
  });

  test("cannot where it is switched off", async () => {
    const off = await openWorld({ vars: { MACHINE_RELEASES_PER_MONTH: "0" } });
    try {
      const { code } = await off.license();
      const request = { license_id: code, machine_id: freshMachine() };
      await off.provision(request);
      assertProblem(await off.send("POST", "/machines/release", request), 403, "release_off");
    } finally {
      await off.stop();
    }
  });
});

test("a licence's own limit counts, in the headers and from memory", async () => {
  const { id, request } = await seated();
  await world.db.prepare("UPDATE licenses SET requests_per_hour = 2 WHERE id = ?").bind(id).run();
  const good = await provision(request);
  assert.match(good.headers.get("ratelimit-policy"), /"license";q=2;w=3600/);
  assert.match(good.headers.get("ratelimit"), /"license";r=0/);
  for (let i = 0; i < 2; i++) {
    const over = await provision(request);
    assertProblem(over, 429, "rate_limited");
    assert.match(over.headers.get("ratelimit-policy"), /"license";q=2;w=3600/);
  }
});

test("a licence's own limit counts in an outage too", async () => {
  const { id, request } = await seated();
  const change = "UPDATE licenses SET requests_per_hour = 2, version = version + 1 WHERE id = ?";
  await world.db.prepare(change).bind(id).run();
  await world.sync();
  const ask = () => provision(request, undefined, { "x-db": "dead" });
  for (let i = 0; i < 2; i++) assert.equal((await ask()).status, 200);
  const over = await ask();
  assertProblem(over, 429, "rate_limited");
  assert.match(over.headers.get("ratelimit-policy"), /"license";q=2;w=3600/);
});

describe("an admin", () => {
  test("names a machine, under its entity tag", async () => {
    const { id } = await seated();
    const [{ id: machine }] = await machines(id);
    const shown = await world.admin("GET", `/admin/machines/${machine}`);
    const etag = shown.headers.get("etag");
    const patch = (body, headers, query = "") =>
      world.admin("PATCH", `/admin/machines/${machine}${query}`, body, headers);
    assert.equal((await patch({ name: "x" }, {}, "?dry_run=1")).body.name, "x");
    const named = await patch({ name: "Ada's desk ✍" }, { "if-match": etag });
    assert.deepEqual([named.status, named.body.name], [200, "Ada's desk ✍"]);
    assertProblem(await patch({ name: "late" }, { "if-match": etag }), 412, "precondition_failed");
    const released = await world.admin("POST", `/admin/machines/${machine}/release`, {}, { "if-match": etag });
    assertProblem(released, 412, "precondition_failed");
    for (const body of [{}, { name: "" }, { name: 5 }, { name: "x".repeat(65) }, { name: "x", more: 1 }]) {
      assertProblem(await patch(body), 400, "invalid_request");
    }
    assert.equal((await machines(id))[0].name, "Ada's desk ✍");
    const rows = await world.audit("license_id = ? AND action = 'machine.renamed'", id);
    assert.deepEqual(rows.map(({ details }) => JSON.parse(details)), [
      { after: "Ada's desk ✍", before: null, machine_id: machine },
    ]);
  });

  test("ends a cool-down, and that counts against nobody", async () => {
    const { id, request } = await seated();
    await release(request);
    const [{ id: machine }] = await machines(id);
    const answer = await world.admin("POST", `/admin/machines/${machine}/release`, {});
    assert.deepEqual([answer.status, answer.body.seat_held_until], [200, null], answer.text);
    assert.equal((await provision(request, freshMachine())).status, 200);
  });
});

test("cron frees the seat of a machine that was not seen for long, and it may come back", async () => {
  const { id, request } = await seated();
  await world.sync();
  assert.equal((await machines(id))[0].released_at, null);
  await pass(id, 41 * day);
  await world.sync();
  assert.notEqual((await machines(id))[0].released_at, null);
  const [row] = await world.audit("license_id = ? AND action = 'machine.released'", id);
  assert.deepEqual([row.actor, row.reason], ["cron", "idle"]);
  assert.equal((await provision(request)).status, 200);
});

describe("a grant's audit row says where it went, to about 100 km", () => {
  test("from D1, and from KV in an outage", async () => {
    const { id, request } = await seated();
    await world.sync();
    assert.equal((await provision(request, undefined, { "x-db": "dead" })).status, 200);
    await world.sync();
    const rows = await world.audit("license_id = ? AND action = 'provision.granted'", id);
    assert.deepEqual(
      rows.map(({ details }) => details),
      [
        '{"asn":1136,"delivery":"plain","lat":52,"lon":5}',
        '{"asn":1136,"degraded":true,"lat":52,"lon":5}',
      ],
    );
  });

  test("and nothing where the platform does not know", async () => {
    const plain = await openWorld({ cf: { country: "NL" } });
    try {
      const { code } = await plain.license();
      await plain.provision({ license_id: code, machine_id: "m" });
      const [row] = await plain.audit("action = 'provision.granted'");
      assert.equal(row.details, '{"delivery":"fernet"}');
    } finally {
      await plain.stop();
    }
  });
});
