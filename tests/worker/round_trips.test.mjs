// What each endpoint costs: trips to D1, rows read and written, operations on KV. The numbers are
// those of tests/support/costs.json, which docs/data.md shows; where a change of them is meant,
// run this file once with LATCHKEY_WRITE_COSTS=1 and look at the difference.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { lineHash } from "../../scripts/cli/backup_file.mjs";
import { makeBackupKey } from "../../scripts/lib/backup_key.mjs";
import { makeDevice } from "../support/client.mjs";
import { Gumroad } from "../support/gumroad.mjs";
import { Providers } from "../support/providers.mjs";
import { Stripe } from "../support/stripe.mjs";
import { WebhookReceiver } from "../support/webhook_receiver.mjs";
import { freshAddress, freshMachine, openWorld } from "../support/world.mjs";
import { readCosts, writeCosts } from "../support/costs.mjs";

const measures = [
  "d1_round_trips", "d1_rows_read", "d1_rows_written", "kv_reads", "kv_writes", "derives", "fetches",
];

let world;
let providers;
let stripe;
let gumroad;
let receiver;
let stateDir;
let costs;
const measured = {};
before(async () => {
  stateDir = mkdtempSync(join(tmpdir(), "latchkey-costs-"));
  providers = await Providers.start();
  providers.statuses.mistral = 200;
  [stripe, gumroad, receiver] = await Promise.all([Stripe.start(), Gumroad.start(), WebhookReceiver.start()]);
  world = await openWorld({
    stateDir,
    vars: {
      ...providers.vars, TRIAL_PLAN: "pro", ...stripe.vars, ...gumroad.vars, WEBHOOK_ALLOW_LOOPBACK: "1",
      PAYMENT_PLANS: "stripe:plink_1=pro,gumroad:pro==pro",
    },
    secrets: { ...stripe.secrets, ...gumroad.secrets },
  });
  costs = await readCosts();
  const { code } = await world.license();
  // Plans and ring are loaded.
  await world.provision({ license_id: code, machine_id: "warm", delivery: "plain" });
  // So many others that a query which reads them all would show.
  for (let i = 0; i < 2; i++) await world.admin("POST", "/admin/licenses", { count: 500 });
});
after(async () => {
  await world.stop();
  await Promise.all([providers, stripe, gumroad, receiver].map((server) => server.stop()));
  rmSync(stateDir, { recursive: true, force: true });
  if (process.env.LATCHKEY_WRITE_COSTS) await writeCosts(measured);
});

// caughtUp: KV holds all that D1 does, so that an admin act pays for itself alone.
async function caughtUp() {
  while ((await world.number("SELECT count(*) FROM licenses WHERE version > kv_version")) > 0)
    await world.sync();
  await world.sync();
}

// costOf: what the one request record of this answer says.
async function costOf(answer) {
  const id = answer.headers.get("x-request-id");
  const deadline = Date.now() + 5000;
  for (;;) {
    const line = world.logs.find(({ record }) => record?.event === "request" && record.request_id === id);
    if (line) return Object.fromEntries(measures.map((name) => [name, line.record[name]]));
    if (Date.now() > deadline) throw new Error(`no request record ${id}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

// expectCost: the answer costs what the table says, to the row.
function expectCost(name, ask, status = 200) {
  test(name, async () => {
    const answer = await ask();
    assert.equal(answer.status, status, answer.text);
    measured[name] = await costOf(answer);
    assert.deepEqual(measured[name], costs[name]);
  });
}

// named: the headers of somebody with a token that reads licences.
async function named(name) {
  const made = await world.admin("POST", "/admin/tokens", { name, scopes: ["licenses:read"] });
  assert.equal(made.status, 201, made.text);
  return { authorization: `Bearer ${made.body.token}` };
}

async function seated(machine_id = "a", terms) {
  const license = await world.license(terms);
  const request = { license_id: license.code, machine_id, delivery: "plain" };
  const { body, status } = await world.provision(request);
  assert.equal(status, 200);
  return { license, request, receipt: body.receipt };
}

expectCost("POST /keys/provision, a new machine", async () => {
  const { code } = await world.license();
  return world.provision({ license_id: code, machine_id: "a", delivery: "plain" });
});
expectCost("POST /keys/provision, a known machine", async () => {
  const { request } = await seated();
  return world.provision(request);
});
expectCost("POST /keys/provision, the second of two machines on one licence", async () => {
  const { request } = await seated();
  return world.provision({ ...request, machine_id: "b" });
});
expectCost("POST /keys/provision, hpke", async () => {
  const { request } = await seated();
  return world.provision({ ...request, delivery: "hpke", client_public_key: (await makeDevice()).publicKey });
});
expectCost("POST /keys/provision, a machine's first fernet", async () => {
  const { request } = await seated();
  return world.provision({ ...request, delivery: "fernet" });
});
expectCost("POST /keys/provision, a machine's later fernet", async () => {
  const { request } = await seated();
  await world.provision({ ...request, delivery: "fernet" });
  return world.provision({ ...request, delivery: "fernet" });
});
expectCost("POST /keys/provision, after a key was rotated", async () => {
  const { request } = await seated();
  await world.admin("PUT", "/admin/providers/kimi", { api_key: "sk-kimi-rotated" });
  return world.provision(request);
});
expectCost("POST /keys/provision, a licence's first use, where that sets its end", async () => {
  const plan = { providers: ["kimi"], deliveries: ["plain"], max_machines: 1, license_days: 9, expiry_from: "first_use" };
  await world.admin("PUT", "/admin/plans/first-use", plan);
  const { code } = await world.license({ plan: "first-use" });
  return world.provision({ license_id: code, machine_id: "a", delivery: "plain" });
});
expectCost(
  "POST /keys/provision, unknown licence",
  () => world.provision({ license_id: "WRITER-2024-NONE", machine_id: "a" }),
  401,
);
expectCost(
  "POST /keys/provision, no seat",
  async () => {
    const { request } = await seated("a", { max_machines: 1 });
    return world.provision({ ...request, machine_id: "b" });
  },
  403,
);
expectCost(
  "POST /keys/provision, the first over a limit",
  async () => {
    const { license, request } = await seated();
    await world.setHits(license.id, 60);
    return world.provision(request);
  },
  429,
);
expectCost(
  "POST /keys/provision, known to be over a limit",
  async () => {
    const { license, request } = await seated();
    await world.setHits(license.id, 60);
    await world.provision(request);
    return world.provision(request);
  },
  429,
);
expectCost("POST /keys/provision, malformed", () => world.provision({ machine_id: 1 }), 400);
expectCost("POST /keys/status", async () => {
  const { request } = await seated();
  return world.status(request);
});
expectCost(
  "POST /keys/status, unknown licence",
  () => world.status({ license_id: "WRITER-2024-NONE", machine_id: "a" }),
  401,
);
const release = (request) => world.send("POST", "/machines/release", request);
expectCost("POST /machines/release", async () => {
  const { request } = await seated();
  return release(request);
});
expectCost("POST /machines/release, done before", async () => {
  const { request } = await seated();
  await release(request);
  return release(request);
});
expectCost(
  "POST /machines/release, from a machine without a seat",
  async () => {
    const { request } = await seated();
    return release({ ...request, machine_id: "b" });
  },
  403,
);
const report = (request, ids) =>
  world.send("POST", "/usage/report", {
    license_id: request.license_id,
    machine_id: request.machine_id,
    events: ids.map((event_id) => ({
      event_id, provider: "deepseek", model: "deepseek-chat", input_tokens: 900, output_tokens: 90, at: reportedAt,
    })),
  });
const reportedAt = new Date().toISOString();
expectCost("POST /usage/report, ten events", async () => {
  const { request } = await seated();
  return report(request, [..."abcdefghij"]);
});
expectCost("POST /usage/report, ten events that were reported before", async () => {
  const { request } = await seated();
  await report(request, [..."abcdefghij"]);
  return report(request, [..."abcdefghij"]);
});
expectCost(
  "POST /usage/report, unknown machine",
  async () => {
    const { request } = await seated();
    return report({ ...request, machine_id: "b" }, ["a"]);
  },
  403,
);
expectCost("GET /admin/usage", () => world.admin("GET", "/admin/usage?by=day,model"));
expectCost("GET /admin/usage/daily", () => world.admin("GET", "/admin/usage/daily"));
expectCost("GET /admin/usage/licenses", () => world.admin("GET", "/admin/usage/licenses"));
expectCost("GET /admin/usage/plans", () => world.admin("GET", "/admin/usage/plans"));
expectCost("GET /admin/licenses/{license_id}/usage", async () => {
  const { license } = await seated();
  return world.admin("GET", `/admin/licenses/${license.id}/usage`);
});
expectCost("GET /keys/status, first in an isolate's ten seconds", async () => {
  const { receipt } = await seated();
  await world.restart();
  return world.receiptStatus(receipt);
});
expectCost("GET /keys/status", async () => {
  const { receipt } = await seated();
  await world.receiptStatus(receipt);
  return world.receiptStatus(receipt);
});
const askTrial = (machine_id) => world.send("POST", "/trials", { machine_id });
expectCost("POST /trials", async () => {
  await caughtUp();
  return askTrial(freshMachine());
}, 201);
expectCost("POST /trials, again", async () => {
  const machine = freshMachine();
  await askTrial(machine);
  return askTrial(machine);
});
expectCost("POST /trials, after its end", async () => {
  const machine = freshMachine();
  await askTrial(machine);
  await world.db.prepare("UPDATE licenses SET expires_at = 1 WHERE trial_of IS NOT NULL").run();
  return askTrial(machine);
}, 409);
expectCost("GET /health", () => world.fetch("/health"));
expectCost("GET /ready", () => world.fetch("/ready"));
expectCost("GET /version", () => world.fetch("/version"));
expectCost("GET /openapi.json", () => world.fetch("/openapi.json"));
expectCost("GET /.well-known/jwks.json", () => world.fetch("/.well-known/jwks.json"));
expectCost("GET /metrics", () => world.admin("GET", "/metrics"));
expectCost("GET /admin/doctor", () => world.admin("GET", "/admin/doctor"));
expectCost("GET /admin/overview", () => world.admin("GET", "/admin/overview"));
expectCost("GET /admin/session", () => world.admin("GET", "/admin/session"));
expectCost("GET /admin/queries", () => world.admin("GET", "/admin/queries"));
expectCost("POST /admin/queries/{query}, licences by plan and status", () =>
  world.admin("POST", "/admin/queries/licenses_by_plan_and_status", {}));
expectCost("GET /admin/licenses/{license_id}", async () => {
  const { license } = await seated();
  return world.admin("GET", `/admin/licenses/${license.id}`);
});
expectCost("GET /admin/licenses?limit=100", () => world.admin("GET", "/admin/licenses?limit=100"));
expectCost(
  "POST /admin/licenses",
  async () => {
    await caughtUp();
    return world.admin("POST", "/admin/licenses", {});
  },
  201,
);
expectCost("POST /admin/licenses/import, 500 rows", async () => {
  await caughtUp();
  return world.admin("POST", "/admin/licenses/import", { rows: Array.from({ length: 500 }, () => ({})) });
});
expectCost("POST /admin/licenses/{license_id}/revoke", async () => {
  const { license } = await seated();
  await caughtUp();
  return world.admin("POST", `/admin/licenses/${license.id}/revoke`, {});
});
expectCost("PATCH /admin/licenses/{license_id}", async () => {
  const { license } = await seated();
  await caughtUp();
  return world.admin("PATCH", `/admin/licenses/${license.id}`, { max_machines: 2 });
});
expectCost("GET /admin/machines?limit=100", () => world.admin("GET", "/admin/machines?limit=100"));
const seatedMachine = async () => {
  const { license } = await seated();
  const { body } = await world.admin("GET", `/admin/licenses/${license.id}/machines`);
  await caughtUp();
  return `/admin/machines/${body.data[0].id}`;
};
expectCost("PATCH /admin/machines/{machine_id}", async () =>
  world.admin("PATCH", await seatedMachine(), { name: "desk" }),
);
expectCost("POST /admin/machines/{machine_id}/release", async () =>
  world.admin("POST", `${await seatedMachine()}/release`, {}),
);
expectCost("GET /admin/licenses/{license_id}/history", async () => {
  const { license } = await seated();
  await world.admin("POST", `/admin/licenses/${license.id}/suspend`, {});
  return world.admin("GET", `/admin/licenses/${license.id}/history`);
});
expectCost("POST /admin/licenses/bulk, a slice of 200", async () => {
  const plan = { providers: ["kimi"], deliveries: ["plain"], max_machines: 1 };
  await world.admin("PUT", "/admin/plans/bulk", plan);
  await world.admin("POST", "/admin/licenses", { plan: "bulk", count: 250 });
  await caughtUp();
  const act = { filter: { plan: "bulk" }, act: "suspend", expected_count: 250 };
  return world.admin("POST", "/admin/licenses/bulk", act);
});
// Prices.
const prices = {
  rows: [{ provider: "deepseek", model: "deepseek-chat", effective_from: "2026-01-01", input: "1", output: "2" }],
};
expectCost("GET /admin/prices", () => world.admin("GET", "/admin/prices"));
expectCost("PUT /admin/prices", () => world.admin("PUT", "/admin/prices", prices));
expectCost("GET /admin/prices/versions", () => world.admin("GET", "/admin/prices/versions"));
expectCost("GET /admin/prices/unpriced", () => world.admin("GET", "/admin/prices/unpriced"));
expectCost("POST /admin/prices/reprice", () => world.admin("POST", "/admin/prices/reprice", {}));
expectCost("POST /admin/prices/reprice, nothing to change", () => world.admin("POST", "/admin/prices/reprice", {}));
expectCost("PUT /admin/plans/{plan}", () => {
  const plan = { providers: ["kimi"], deliveries: ["plain"], max_machines: 4 };
  return world.admin("PUT", "/admin/plans/bulk", plan);
});
// alert: the path of one that is open.
async function alert() {
  const id = `alr_${freshMachine().slice(0, 26)}`;
  await world.db
    .prepare("INSERT INTO alerts VALUES (?, 'cron_failed', ?, 'warning', 0, 'open', '{}', 3, 3, 1, 2, NULL, NULL, NULL, NULL, NULL)")
    .bind(id, id)
    .run();
  return `/admin/alerts/${id}`;
}
let webhookId;
expectCost(
  "POST /admin/webhooks",
  async () => {
    const made = await world.admin("POST", "/admin/webhooks", { name: "costs", url: receiver.url });
    webhookId = made.body.id;
    return made;
  },
  201,
);
expectCost("POST /admin/webhooks/{webhook_id}/test", () => world.admin("POST", `/admin/webhooks/${webhookId}/test`, {}));
expectCost("POST /admin/webhooks/{webhook_id}/rotate-secret", () =>
  world.admin("POST", `/admin/webhooks/${webhookId}/rotate-secret`, {}),
);
expectCost("DELETE /admin/webhooks/{webhook_id}", () => world.admin("DELETE", `/admin/webhooks/${webhookId}`));
expectCost("GET /admin/alerts", async () => {
  await alert();
  return world.admin("GET", "/admin/alerts?state=open");
});
expectCost("POST /admin/alerts/{alert_id}/acknowledge", async () =>
  world.admin("POST", `${await alert()}/acknowledge`, {}),
);
expectCost("PUT /admin/providers/{provider}", async () => {
  await caughtUp();
  return world.admin("PUT", "/admin/providers/zhipu", { api_key: `sk-${freshMachine()}` });
});
const rotationKey = () => ({ provider: "mistral", api_key: `sk-${freshMachine()}` });
let rotationId;
expectCost(
  "POST /admin/rotations",
  async () => {
    await caughtUp();
    const answer = await world.admin("POST", "/admin/rotations", rotationKey());
    assert.equal(answer.body.state, "verified", answer.text);
    rotationId = answer.body.id;
    return answer;
  },
  201,
);
expectCost("POST /admin/rotations/{rotation_id}/publish", async () => {
  await caughtUp();
  return world.admin("POST", `/admin/rotations/${rotationId}/publish`, {});
});
const backupKey = makeBackupKey();
let backupLine;
expectCost("POST /admin/backup", async () => {
  backupLine = await world.admin("POST", "/admin/backup", { key: backupKey });
  return backupLine;
});
expectCost("POST /admin/backup, a line", () => {
  const { backup_id, next_cursor: cursor, text } = backupLine.body;
  const place = { backup_id, line: 1, previous: lineHash(text) };
  return world.admin("POST", "/admin/backup", { key: backupKey, ...place, cursor });
});
expectCost("GET /admin/rotations/{rotation_id}", () => world.admin("GET", `/admin/rotations/${rotationId}`));
expectCost("GET /admin/licenses/{license_id}/sharing", async () => {
  const { license } = await seated();
  return world.admin("GET", `/admin/licenses/${license.id}/sharing`);
});
expectCost("GET /admin/licenses/{license_id}/anomaly", async () => {
  const { license } = await seated();
  return world.admin("GET", `/admin/licenses/${license.id}/anomaly`);
});
expectCost("POST /admin/licenses/{license_id}/sharing/clear", async () => {
  const { license } = await seated();
  await world.sync();
  return world.admin("POST", `/admin/licenses/${license.id}/sharing/clear`, {});
});
expectCost("POST /admin/audit/checkpoint, of 100 records that are new", async () => {
  // Always at the same place of the log, 100 records behind a full tile, however many the tests before this one wrote.
  const more = 12 * 256 + 100 - (await world.number("SELECT max(seq) FROM audit_log"));
  assert.ok(more > 100);
  await world.db
    .prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
       INSERT INTO audit_log (at, request_id, action, outcome, actor) SELECT i, 'req_cost_' || i, 'x', 'done', 'x' FROM n`,
    )
    .bind(more)
    .run();
  await world.sync();
  return world.admin("POST", "/admin/audit/checkpoint", {});
});
expectCost("GET /admin/audit/checkpoint", () => world.admin("GET", "/admin/audit/checkpoint"));
expectCost("GET /admin/audit/proof/inclusion", () => world.admin("GET", "/admin/audit/proof/inclusion?seq=300&size=400"));
expectCost("GET /admin/audit/proof/consistency", () => world.admin("GET", "/admin/audit/proof/consistency?from=300&to=400"));
expectCost("GET /admin/audit/records, 100 of them", () => world.admin("GET", "/admin/audit/records?limit=100"));
expectCost("GET /admin/audit, 100 of them", () => world.admin("GET", "/admin/audit"));
const bought = (type, more) =>
  stripe.happen(type, { id: "cs_1", mode: "payment", payment_status: "paid", payment_intent: "pi_1", ...more });
const purchase = { payment_link: "plink_1", customer_details: { email: "buyer@costs.example" } };
expectCost("POST /hooks/stripe, a purchase", async () => {
  await caughtUp();
  return stripe.deliver(world, bought("checkout.session.completed", purchase));
});
expectCost("POST /hooks/stripe, a refund", async () => {
  await caughtUp();
  return stripe.deliver(world, bought("charge.refunded", { id: "ch_1", refunded: true }));
});
expectCost("POST /hooks/stripe, an event that is known", () => stripe.deliver(world, stripe.events[0]));
expectCost("POST /hooks/stripe, wrongly signed", () => world.send("POST", "/hooks/stripe", {}), 401);
expectCost("POST /hooks/gumroad/{secret}, a sale", async () => {
  await caughtUp();
  const sale = gumroad.sell("pro=", "another@costs.example");
  return gumroad.pingSale(world, "sale", sale);
});
expectCost("GET /admin/payments", () => world.admin("GET", "/admin/payments"));
expectCost(
  "POST /admin/tokens",
  () => world.admin("POST", "/admin/tokens", { name: "costs", scopes: ["licenses:read"] }),
  201,
);
expectCost("GET /admin/licenses/{license_id}, named token, first in its hour", async () => {
  const { license } = await seated();
  return world.send("GET", `/admin/licenses/${license.id}`, undefined, await named("first"));
});
expectCost("GET /admin/licenses/{license_id}, named token", async () => {
  const { license } = await seated();
  const headers = await named("second");
  await world.send("GET", `/admin/licenses/${license.id}`, undefined, headers);
  return world.send("GET", `/admin/licenses/${license.id}`, undefined, headers);
});
expectCost(
  "POST /admin/licenses, with an Idempotency-Key",
  async () => {
    await caughtUp();
    return world.admin("POST", "/admin/licenses", {}, { "idempotency-key": "costs" });
  },
  201,
);
expectCost(
  "POST /admin/licenses, replayed",
  () => world.admin("POST", "/admin/licenses", {}, { "idempotency-key": "costs" }),
  201,
);
expectCost(
  "any admin route, token without its scope",
  async () => world.send("GET", "/admin/config", undefined, await named("third")),
  403,
);
expectCost(
  "any admin route, wrong token",
  () =>
    world.send("GET", "/admin/config", undefined, {
      authorization: "Bearer wrong-token-0123456789",
      "cf-connecting-ip": freshAddress(),
    }),
  401,
);

test("a grant is one trip to D1 and none to KV, for each of two machines on one licence", async () => {
  const { request } = await seated();
  for (const machine_id of ["a", "b", "a", "b"]) {
    const cost = await costOf(await world.provision({ ...request, machine_id }));
    assert.deepEqual([cost.d1_round_trips, cost.kv_reads, cost.kv_writes], [1, 0, 0]);
  }
});

test("a grant is one trip to D1 from an isolate that has just begun", async () => {
  const { request } = await seated();
  await world.restart();
  const cost = await costOf(await world.provision(request));
  assert.deepEqual([cost.d1_round_trips, cost.kv_reads], [1, 0]);
});

test("nothing a client asks takes more than two trips to D1", () => {
  const client = Object.entries(costs).filter(([name]) => /\/keys\/|POST \/machines\//.test(name));
  assert.ok(client.length >= 14);
  for (const [name, cost] of client) assert.ok(cost.d1_round_trips <= 2, name);
});

test("every cost in the table is measured here", () => {
  assert.deepEqual(Object.keys(measured).sort(), Object.keys(costs).sort());
});
