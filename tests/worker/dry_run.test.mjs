// ?dry_run=1, of every route that has it by the description: it writes nothing, and shows what the real run then does.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Providers } from "../support/providers.mjs";
import { Seller } from "../support/seller.mjs";
import { Stripe } from "../support/stripe.mjs";
import { WebhookReceiver } from "../support/webhook_receiver.mjs";
import { assertProblem, freshMachine, openWorld, providers as names } from "../support/world.mjs";

let world;
let providers;
let stripe;
let seller;
let receiver;
before(async () => {
  [providers, stripe, seller] = await Promise.all([Providers.start(), Stripe.start(), Seller.start()]);
  receiver = await WebhookReceiver.start();
  world = await openWorld({
    vars: { ...providers.vars, ...stripe.vars, ...seller.vars, PAYMENT_PLANS: "stripe:plink_pro=pro" },
    secrets: { ...stripe.secrets, ...seller.secrets },
  });
  for (const name of names) providers.keys[name].add(world.providerKeys[name]);
});
after(async () => {
  await world?.stop();
  await Promise.all([providers, stripe, seller, receiver].map((server) => server?.stop()));
});

// stored: every row of every table, but the windows of rate limits: a client's dry run is a request like any other.
async function stored() {
  const tables = await world.db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'")
    .all();
  const rows = {};
  for (const { name } of tables.results) {
    if (name !== "rate_limits") rows[name] = (await world.db.prepare(`SELECT * FROM ${name}`).all()).results;
  }
  return rows;
}

// lasting: an answer without what is new in each run: ids, moments, versions, secrets.
const passing = /^(id|at|dry_run|code|code_hint|hint|token|secret|version|verdict_detail)$|_at$|_until$/;
const lasting = (body) => JSON.parse(JSON.stringify(body, (key, value) => (passing.test(key) ? undefined : value)));

let numKeys = 0;
function freshKey(provider) {
  const key = `sk-${provider}-for-dry-runs-${++numKeys}`;
  providers.keys[provider].add(key);
  return key;
}

async function made(path, body) {
  const answer = await world.admin("POST", path, body);
  assert.ok(answer.status < 300, answer.text);
  return answer.body;
}

const license = async () => `/admin/licenses/${(await world.license()).id}`;
async function machine() {
  const { id, code } = await world.license();
  const seat = { license_id: code, machine_id: freshMachine() };
  assert.equal((await world.provision(seat)).status, 200);
  const { body } = await world.admin("GET", `/admin/licenses/${id}/machines`);
  return { seat, path: `/admin/machines/${body.data[0].id}` };
}
// rotation: the path of one for which the act makes sense.
async function rotation(provider, { published = false } = {}) {
  const start = { provider, api_key: freshKey(provider), ...(published && { verify: false }) };
  return `/admin/rotations/${(await made("/admin/rotations", start)).id}`;
}
let numSales = 0;
async function payment() {
  const id = ++numSales;
  const sale = {
    id: `cs_${id}`, object: "checkout.session", mode: "payment", payment_status: "paid", payment_intent: `pi_${id}`,
    payment_link: "plink_pro", subscription: null, invoice: null, customer_details: { email: `dry-${id}@example.com` },
  };
  const taken = await stripe.deliver(world, stripe.happen("checkout.session.completed", sale));
  assert.equal(taken.status, 200, taken.text);
  return `/admin/payments/${(await world.admin("GET", "/admin/payments")).body.data[0].id}`;
}

let numAlerts = 0;
async function alert() {
  const id = `alr_${String(++numAlerts).padStart(26, "0")}`;
  await world.db
    .prepare("INSERT INTO alerts VALUES (?, 'cron_failed', ?, 'warning', 0, 'open', '{}', 3, 3, 1, 2, NULL, NULL, NULL, NULL, NULL)")
    .bind(id, id)
    .run();
  return `/admin/alerts/${id}`;
}
const webhook = async () => `/admin/webhooks/${(await made("/admin/webhooks", { name: "dry", url: receiver.url })).id}`;

// What to ask of each operation: a path and a body. `same`: the members that the real run has too, where its answer has
// others. A restore, which wants an empty database, is looked at in backup.test.mjs.
const asks = {
  admin_license_create: () => ({ path: "/admin/licenses", body: { count: 2, max_machines: 7 }, same: ["dry_run"] }),
  admin_license_bulk: () => ({
    path: "/admin/licenses/bulk", body: { filter: { plan: "none" }, act: "suspend", expected_count: 0 },
  }),
  admin_license_import: () => ({ path: "/admin/licenses/import", body: { rows: [{ code: "DRY-RUN-2026-X" }, {}] } }),
  admin_license_revise: async () => ({ path: await license(), body: { max_machines: 9, note: "n" } }),
  admin_license_reinstate: async () => {
    const path = await license();
    await made(`${path}/suspend`, {});
    return { path: `${path}/reinstate`, body: {} };
  },
  admin_license_reissue: async () => ({ path: `${await license()}/reissue`, body: {} }),
  admin_license_revoke: async () => ({ path: `${await license()}/revoke`, body: { reason: "refund" } }),
  admin_license_suspend: async () => ({ path: `${await license()}/suspend`, body: {} }),
  admin_sharing_clear: async () => ({ path: `${await license()}/sharing/clear`, body: { ignore_days: 3 } }),
  admin_machine_rename: async () => ({ path: (await machine()).path, body: { name: "desk" } }),
  admin_machine_release: async () => ({ path: `${(await machine()).path}/release`, body: {} }),
  machines_release: async () => ({ path: "/machines/release", body: (await machine()).seat, same: ["machine_id"] }),
  admin_master_rewrap: () => ({ path: "/admin/master/rewrap", body: {} }),
  admin_payment_reconcile: () => ({ path: "/admin/payments/reconcile", body: { days: 2 } }),
  admin_payment_redeliver: async () => ({ path: `${await payment()}/redeliver`, body: {} }),
  admin_payment_retry: async () => ({ path: `${await payment()}/retry`, body: {} }),
  admin_plan_set: () => ({
    path: "/admin/plans/dry", body: { providers: ["qwen"], deliveries: ["hpke"], max_machines: 1 },
  }),
  admin_price_set: () => ({
    path: "/admin/prices",
    body: { rows: [{ provider: "qwen", model: "dry", effective_from: "2026-01-01", input: "1", output: "2" }], note: "dry" },
  }),
  admin_price_reprice: () => ({ path: "/admin/prices/reprice", body: {} }),
  admin_provider_set: () => ({ path: "/admin/providers/mistral", body: { api_key: freshKey("mistral") } }),
  admin_rotation_start: () => ({ path: "/admin/rotations", body: { provider: "kimi", api_key: freshKey("kimi"), emergency: true } }),
  admin_rotation_cancel: async () => ({ path: `${await rotation("qwen")}/cancel`, body: {} }),
  admin_rotation_publish: async () => ({ path: `${await rotation("deepseek")}/publish`, body: {} }),
  admin_rotation_retire: async () => ({ path: `${await rotation("yandex", { published: true })}/retire`, body: {} }),
  admin_rotation_verify: async () => ({ path: `${await rotation("zhipu")}/verify`, body: {} }),
  admin_alert_acknowledge: async () => ({ path: `${await alert()}/acknowledge`, body: {} }),
  admin_alert_resolve: async () => ({ path: `${await alert()}/resolve`, body: {} }),
  admin_alert_snooze: async () => ({ path: `${await alert()}/snooze`, body: { minutes: 5 } }),
  admin_alert_rule_set: () => ({ path: "/admin/alert-rules/cron_failed", body: { enabled: false } }),
  admin_webhook_create: () => ({ path: "/admin/webhooks", body: { name: "dry", url: receiver.url } }),
  admin_webhook_change: async () => ({ path: await webhook(), body: { name: "other", state: "paused" } }),
  admin_webhook_delete: async () => ({ path: await webhook() }),
  admin_webhook_rotate_secret: async () => ({ path: `${await webhook()}/rotate-secret`, body: {} }),
  // What a receiver says is known once it was asked.
  admin_webhook_test: async () => ({ path: `${await webhook()}/test`, body: {}, same: ["type", "webhook_id"] }),
  admin_webhook_redeliver: async () => {
    const { id } = await made(`${await webhook()}/test`, {});
    return { path: `/admin/webhooks/deliveries/${id}/redeliver`, body: {} };
  },
  admin_token_create: () => ({ path: "/admin/tokens", body: { name: "dry", scopes: ["licenses:read"] } }),
  admin_token_revoke: async () => {
    const { id } = await made("/admin/tokens", { name: "short-lived", scopes: ["licenses:read"] });
    return { path: `/admin/tokens/${id}` };
  },
  admin_bootstrap_set: async () => {
    const { token } = await made("/admin/tokens", { name: "switch", scopes: ["*"] });
    const headers = { authorization: `Bearer ${token}` };
    // Its first use is written down.
    assert.equal((await world.send("GET", "/admin/tokens/bootstrap", undefined, headers)).status, 200);
    return { path: "/admin/tokens/bootstrap", body: { enabled: false }, headers };
  },
};
const elsewhere = ["admin_restore_begin"];

test("the description names every route that is looked at here", async () => {
  const { body } = await world.fetch("/openapi.json");
  const named = Object.values(body.paths)
    .flatMap((path) => Object.values(path))
    .filter(({ parameters }) => parameters?.some(({ name }) => name === "dry_run"))
    .map(({ operationId }) => operationId);
  assert.deepEqual(named.sort(), [...Object.keys(asks), ...elsewhere].sort());
});

test("a dry run hears the same refusals", async () => {
  const rotating = await rotation("qwen");
  const provider = await world.admin("PUT", "/admin/providers/qwen?dry_run=1", { api_key: freshKey("qwen") });
  assertProblem(provider, 409, "conflict");
  assertProblem(await world.admin("POST", `${rotating}/retire?dry_run=1`, {}), 409, "conflict");
  assertProblem(await world.admin("POST", "/admin/payments/pay_none/retry?dry_run=1", {}), 404, "not_found");
  const token = await made("/admin/tokens", { name: "the-last", scopes: ["*"] });
  const asLast = { authorization: `Bearer ${token.token}` };
  assert.equal((await world.admin("PUT", "/admin/tokens/bootstrap", { enabled: false }, asLast)).status, 200);
  const revoke = (query) => world.send("DELETE", `/admin/tokens/${token.id}${query}`, undefined, asLast);
  for (const query of ["?dry_run=1", ""]) assertProblem(await revoke(query), 409, "conflict");
  assertProblem(await world.send("DELETE", `/admin/tokens/${token.id}?dry_run=true`, undefined, asLast), 400, "invalid_request");
  assert.equal((await world.send("PUT", "/admin/tokens/bootstrap", { enabled: true }, asLast)).status, 200);
  await made(`${rotating}/cancel`, {});
});

describe("a dry run writes nothing and shows what comes of it:", () => {
  const methods = {
    admin_license_revise: "PATCH", admin_machine_rename: "PATCH", admin_token_revoke: "DELETE",
    admin_webhook_change: "PATCH", admin_webhook_delete: "DELETE",
  };
  for (const [operation, ask] of Object.entries(asks)) {
    const method = methods[operation] ?? (operation.endsWith("_set") ? "PUT" : "POST");
    test(operation, async () => {
      const { path, body, same, headers } = await ask();
      // A key for safe repetition is not used up by a dry run.
      const once = { "idempotency-key": `dry-${operation}`, ...headers };
      const isOpen = operation === "machines_release";
      const send = (query) => (isOpen ? world.send(method, path + query, body) : world.admin(method, path + query, body, once));
      const before = await stored();
      const dry = await send("?dry_run=1");
      assert.equal(dry.status, 200, dry.text);
      assert.equal(dry.body.dry_run, true, dry.text);
      assert.deepEqual(await stored(), before);
      const real = await send("");
      assert.ok(real.status < 300 && real.body.dry_run !== true, real.text);
      assert.equal(real.headers.get("idempotent-replayed"), null);
      if (same) for (const name of same) assert.deepEqual(real.body[name], name === "dry_run" ? undefined : dry.body[name]);
      else assert.deepEqual(lasting(dry.body), lasting(real.body));
    });
  }
});
