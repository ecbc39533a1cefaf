// Trials, end to end: one licence for whoever asks, once, and what clients see of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { trialCode } from "../support/formats.mjs";
import { assertProblem, freshMachine, openWorld } from "../support/world.mjs";

let world;
before(async () => {
  world = await openWorld({ vars: { TRIAL_PLAN: "pro", TRIAL_DAYS: "7" } });
});
after(() => world.stop());

const ask = (body, headers) => world.send("POST", "/trials", body, headers);

test("a machine gets a code that follows from it, provisions with it, and gets it again", async () => {
  const machine_id = freshMachine();
  const given = await ask({ machine_id });
  assert.equal(given.status, 201, given.text);
  assert.equal(given.body.license_id, trialCode(world.secrets.INDEX_KEY, machine_id));
  const left = Date.parse(given.body.expires_at) - Date.now();
  assert.ok(left > 6.99 * 86_400_000 && left <= 7 * 86_400_000, given.body.expires_at);
  const keys = await world.provision({ license_id: given.body.license_id, machine_id, delivery: "plain" });
  assert.equal(keys.status, 200, keys.text);
  const again = await ask({ machine_id });
  assert.deepEqual([again.status, again.body], [200, given.body]);
});

test("an e-mail address is its own code, once, and an admin sees what it is", async () => {
  const given = await ask({ email: " Trial@Example.org" });
  assert.equal(given.body.license_id, "trial@example.org");
  const { body } = await world.admin("GET", "/admin/licenses?limit=1");
  const { id, trial, kind } = body.data[0];
  assert.deepEqual([trial, kind], [true, "email"]);
  assert.equal((await world.license()).trial, false);
  const [row] = await world.audit("license_id = ?", id);
  assert.deepEqual([row.action, row.actor, row.outcome], ["trial.started", "client", "done"]);
  await world.admin("POST", `/admin/licenses/${id}/revoke`, { reason: "abuse" });
  assertProblem(await ask({ email: "trial@example.org" }), 409, "conflict");
});

test("twenty requests at once for one machine make one trial", async () => {
  const machine_id = freshMachine();
  const before = await world.number("SELECT count(*) FROM licenses");
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask({ machine_id })));
  const statuses = new Set(answers.map(({ status }) => status));
  assert.ok(statuses.has(201) && [...statuses].every((status) => [200, 201, 503].includes(status)), [...statuses]);
  assert.equal(await world.number("SELECT count(*) FROM licenses"), before + 1);
});

test("the sixth request of an address in an hour is 429 and says until when", async () => {
  const headers = { "cf-connecting-ip": "198.51.100.77" };
  for (let i = 0; i < 5; i++) assert.equal((await ask({ machine_id: freshMachine() }, headers)).status, 201);
  const over = await ask({ machine_id: freshMachine() }, headers);
  assertProblem(over, 429, "rate_limited");
  assert.ok(Number(over.headers.get("retry-after")) > 3500);
});

test("trials are off unless a plan is named", async () => {
  const off = await openWorld();
  try {
    assertProblem(await off.send("POST", "/trials", { machine_id: "m" }), 404, "not_found");
  } finally {
    await off.stop();
  }
});
