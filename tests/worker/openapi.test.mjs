// The description that the service gives of itself is valid, and it keeps to it.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { lineHash } from "../../scripts/cli/backup_file.mjs";
import { makeBackupKey } from "../../scripts/lib/backup_key.mjs";
import { makeDevice } from "../support/client.mjs";
import { freshMachine, openWorld } from "../support/world.mjs";

const methods = ["get", "post", "put", "patch", "delete"];

let world;
let document;
let ajv;
before(async () => {
  world = await openWorld({
    vars: { TRIAL_PLAN: "pro", WEBHOOK_ALLOW_LOOPBACK: "1" },
    secrets: { STRIPE_WEBHOOK_SECRET: "whsec_for-tests-only" },
  });
  document = (await world.fetch("/openapi.json")).body;
  ajv = new Ajv2020({ strict: true, allErrors: true });
  addFormats.default(ajv);
  ajv.addVocabulary(["components"]);
  ajv.addSchema({ $id: "openapi", components: document.components }, "openapi");
});
after(() => world.stop());

const pointer = (...parts) =>
  `openapi#/${parts.map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`;
const operations = () =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => ({ path, method, operation: item[method] })),
  );

// checked: whether a value is what a component schema says; undefined where it is.
function flaws(value, schema) {
  const validate = ajv.getSchema(schema) ?? ajv.compile({ $ref: schema });
  return validate(value) ? undefined : ajv.errorsText(validate.errors);
}

// describedBy: the schema that an operation names for an answer of this status.
function describedBy(method, path, status) {
  const { responses } = document.paths[path][method.toLowerCase()];
  const response = responses[status] ?? responses[`${Math.floor(status / 100)}XX`] ?? responses.default;
  assert.ok(response, `${method} ${path} does not describe ${status}`);
  const resolved = response.$ref
    ? response.$ref
        .split("/")
        .slice(1)
        .reduce((at, key) => at[key], document)
    : response;
  return resolved.content ?? {};
}

// keepsTo: the answer's type and body are those described.
function keepsTo(method, path, answer) {
  const content = describedBy(method, path, answer.status);
  const type = answer.headers.get("content-type")?.split(";")[0];
  if (answer.status === 304) return;
  const schema = content[type]?.schema;
  assert.ok(schema, `${method} ${path} ${answer.status} does not describe ${type}`);
  const errors = flaws(type === "text/plain" ? answer.text : answer.body, schema.$ref.replace(/^#/, "openapi#"));
  assert.equal(errors, undefined, `${method} ${path} ${answer.status}: ${answer.text.slice(0, 500)}`);
}

test("it is valid OpenAPI 3.1, as an independent validator finds", async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors));
  assert.match(document.openapi, /^3\.1\./);
  assert.equal(validator.version, "3.1");
});

test("every schema compiles strictly, and every $ref leads somewhere", () => {
  for (const name of Object.keys(document.components.schemas))
    ajv.compile({ $ref: pointer("components", "schemas", name) });
  const text = JSON.stringify(document);
  for (const [, ref] of text.matchAll(/"\$ref":"#([^"]+)"/g)) {
    const found = ref
      .split("/")
      .slice(1)
      .reduce((at, key) => at?.[key], document);
    assert.ok(found, ref);
  }
});

test("every operation has an id of its own, a summary, its parameters and how to authenticate", () => {
  const ids = operations().map(({ operation }) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length);
  for (const { path, method, operation } of operations()) {
    assert.ok(operation.summary.length > 5, path);
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const described = [...(operation.parameters ?? []), ...(document.paths[path].parameters ?? [])];
    for (const name of named)
      assert.ok(
        described.some((parameter) => parameter.name === name && parameter.in === "path"),
        path,
      );
    if (path.startsWith("/admin/"))
      assert.ok((operation.security ?? document.security)?.length > 0, `${method} ${path}`);
  }
});

test("it can be cached, and names nothing that is not served", async () => {
  const answer = await world.fetch("/openapi.json");
  assert.match(answer.headers.get("cache-control"), /max-age=\d+/);
  for (const { path, method } of operations()) {
    const answered = await world.send(
      method.toUpperCase(),
      path.replace(/\{\w+\}/g, "x"),
      method === "get" ? undefined : {},
    );
    assert.notEqual(answered.status, 405, `${method} ${path}`);
    if (!path.includes("{")) assert.notEqual(answered.status, 404, `${method} ${path}`);
  }
});

const rotation = { provider: "zhipu", api_key: "sk-zhipu-for-openapi", verify: false };
const prices = {
  rows: [
    { provider: "kimi", model: "kimi-k2.5", effective_from: "2026-01-01", input: "0.6", cached_input: "0.7", output: "3" },
    { provider: "qwen", model: "qwen-old", effective_from: "2026-01-01", effective_to: "2026-02-01", input: "1", output: "2" },
  ],
  aliases: [{ provider: "kimi", alias: "kimi-latest", model: "kimi-k2.5" }],
  note: "for a test",
};
const plan = { providers: ["qwen"], deliveries: ["hpke"], max_machines: 1 };
// The admin routes, good and refused: [method, path, body, query].
const adminRequests = [
  ["GET", "/admin/config"],
  ["GET", "/admin/doctor"],
  ["GET", "/metrics"],
  ["GET", "/admin/session"],
  ["GET", "/admin/overview"],
  ["GET", "/admin/queries"],
  ["POST", "/admin/queries/{query}", { parameters: { days: 3 }, limit: 2 }],
  ["POST", "/admin/queries/{query}", { parameters: { hours: 3 } }],
  ["GET", "/admin/providers"],
  ["GET", "/admin/usage"],
  ["GET", "/admin/usage", undefined, "?by=hour,plan,provider,model"],
  ["GET", "/admin/usage", undefined, "?by=week"],
  ["GET", "/admin/usage/daily", undefined, "?limit=1"],
  ["GET", "/admin/usage/daily", undefined, "?cursor=x"],
  ["GET", "/admin/usage/licenses"],
  ["GET", "/admin/usage/licenses", undefined, "?from=2027-01-01&until=2026-01-01"],
  ["GET", "/admin/usage/plans"],
  ["GET", "/admin/usage/plans", undefined, "?month=2026-13"],
  ["GET", "/admin/licenses/{license_id}/usage"],
  ["GET", "/admin/licenses", undefined, "?limit=2"],
  ["GET", "/admin/licenses", undefined, "?limit=x"],
  ["POST", "/admin/licenses", { count: 2 }],
  ["POST", "/admin/licenses", { expires_at: null, code: "OPEN-API-1" }],
  ["POST", "/admin/licenses", { code: "OPEN-API-1" }],
  ["POST", "/admin/licenses", { plan: 1 }],
  [
    "POST",
    "/admin/licenses/import",
    { rows: [{ code: "OPEN-API-2" }, { code: "OPEN-API-2" }, { plan: "gold" }, {}] },
  ],
  ["POST", "/admin/licenses/import", { rows: [] }],
  ["GET", "/admin/licenses/{license_id}"],
  ["GET", "/admin/licenses/{license_id}/machines"],
  ["GET", "/admin/licenses/{license_id}/anomaly"],
  ["GET", "/admin/licenses/{license_id}/sharing"],
  ["POST", "/admin/licenses/{license_id}/sharing/clear", { ignore_days: 3 }],
  ["POST", "/admin/licenses/{license_id}/sharing/clear", {}, "?dry_run=1"],
  ["POST", "/admin/licenses/{license_id}/sharing/clear", { ignore_days: 366 }],
  ["GET", "/admin/sharing", undefined, "?limit=2"],
  ["GET", "/admin/sharing", undefined, "?level=none"],
  ["POST", "/admin/licenses/{license_id}/suspend", { reason: "unpaid" }],
  ["POST", "/admin/licenses/{license_id}/reinstate", {}],
  ["POST", "/admin/licenses/{license_id}/reissue", {}],
  ["GET", "/admin/machines", undefined, "?limit=1"],
  ["GET", "/admin/machines", undefined, "?limit=0"],
  ["GET", "/admin/machines/{machine_id}"],
  ["PATCH", "/admin/machines/{machine_id}", { name: "desk" }],
  ["PATCH", "/admin/machines/{machine_id}", { name: null }, "?dry_run=1"],
  ["PATCH", "/admin/machines/{machine_id}", {}],
  ["POST", "/admin/machines/{machine_id}/release", {}, "?dry_run=1"],
  ["POST", "/admin/machines/{machine_id}/release", {}],
  ["PUT", "/admin/providers/{provider}", { api_key: "sk-qwen-for-openapi" }],
  ["PUT", "/admin/providers/{provider}", { api_key: "" }],
  ["POST", "/admin/audit/checkpoint", {}],
  ["POST", "/admin/audit/checkpoint", { size: 1 }],
  ["GET", "/admin/audit/checkpoint"],
  ["GET", "/admin/audit/checkpoint", undefined, "?size=x"],
  ["GET", "/admin/audit/checkpoints"],
  ["GET", "/admin/audit/checkpoints", undefined, "?cursor=x"],
  ["GET", "/admin/audit", undefined, "?limit=20"],
  ["GET", "/admin/audit", undefined, "?since=soon"],
  ["GET", "/admin/audit/records", undefined, "?after=1&limit=2"],
  ["GET", "/admin/audit/records", undefined, "?after=-1"],
  ["GET", "/admin/audit/proof/inclusion", undefined, "?seq=2"],
  ["GET", "/admin/audit/proof/inclusion", undefined, "?seq=2&leaf=1"],
  ["GET", "/admin/audit/proof/consistency", undefined, "?from=1"],
  ["GET", "/admin/audit/proof/consistency", undefined, "?from=0"],
  ["GET", "/admin/rotations"],
  ["GET", "/admin/rotations/{rotation_id}"],
  ["POST", "/admin/rotations", rotation],
  ["POST", "/admin/rotations", { ...rotation, api_key: "sk-another-for-openapi" }],
  ["POST", "/admin/rotations", { ...rotation, provider: "yandex", publish_at: "2030-01-01" }, "?dry_run=1"],
  ["POST", "/admin/rotations", { provider: "none" }],
  ["POST", "/admin/rotations/{rotation_id}/verify", {}],
  ["POST", "/admin/rotations/{rotation_id}/cancel", {}],
  ["POST", "/admin/rotations/{rotation_id}/publish", {}],
  ["GET", "/admin/payments", undefined, "?outcome=unmapped"],
  ["GET", "/admin/payments", undefined, "?outcome=none"],
  ["GET", "/admin/payments/{payment_id}"],
  ["POST", "/admin/payments/{payment_id}/retry", {}],
  ["POST", "/admin/payments/{payment_id}/redeliver", {}],
  ["POST", "/admin/payments/reconcile", { days: 1 }],
  ["POST", "/admin/payments/reconcile", { days: 0 }],
  ["GET", "/admin/tokens"],
  ["POST", "/admin/tokens", { name: "open-api", scopes: ["*"] }],
  ["POST", "/admin/tokens", { name: "open-api", scopes: ["*"] }],
  ["POST", "/admin/tokens", { name: "open-api", scopes: ["every"] }],
  ["GET", "/admin/tokens/bootstrap"],
  ["PUT", "/admin/tokens/bootstrap", { enabled: false, not: 1 }],
  ["GET", "/admin/plans"],
  ["GET", "/admin/plans/{plan}"],
  ["PUT", "/admin/plans/{plan}", plan],
  ["PUT", "/admin/plans/{plan}", { ...plan, budget: { daily: "1.5" }, models: ["x"], limits: { rpm: 1 } }, "?dry_run=1"],
  ["PUT", "/admin/plans/{plan}", {}],
  ["GET", "/admin/prices"],
  ["PUT", "/admin/prices", prices, "?dry_run=1"],
  ["PUT", "/admin/prices", prices],
  ["PUT", "/admin/prices", { ...prices, rows: [] }],
  ["GET", "/admin/prices", undefined, "?version=1"],
  ["GET", "/admin/prices/versions", undefined, "?limit=1"],
  ["GET", "/admin/prices/unpriced"],
  ["POST", "/admin/prices/reprice", { since: "2026-01-01T00:00:00Z" }, "?dry_run=1"],
  ["POST", "/admin/prices/reprice", {}],
  ["PATCH", "/admin/licenses/{license_id}", { max_machines: 2, expires_at: "never", providers: ["kimi"], deliveries: ["hpke"] }],
  ["PATCH", "/admin/licenses/{license_id}", { expires_at: null, providers: null, deliveries: null }, "?dry_run=1"],
  ["PATCH", "/admin/licenses/{license_id}", { max_machines: 0 }],
  ["GET", "/admin/licenses/{license_id}/history", undefined, "?limit=3"],
  ["POST", "/admin/licenses", { count: 2 }, "?dry_run=1"],
  ["POST", "/admin/licenses/{license_id}/reissue", {}, "?dry_run=1"],
  ["POST", "/admin/licenses/bulk", { filter: {}, act: "extend", days: 3 }, "?dry_run=1"],
  ["POST", "/admin/licenses/bulk", { filter: { plan: "none" }, act: "revoke", expected_count: 0 }],
  ["POST", "/admin/licenses/bulk", { filter: {}, act: "revoke", expected_count: 0 }],
  ["POST", "/admin/licenses/{license_id}/revoke", {}],
  ["POST", "/admin/licenses/{license_id}/reinstate", {}],
  ["POST", "/admin/rotations/{rotation_id}/cancel", {}, "?dry_run=1"],
  ["PUT", "/admin/providers/{provider}", { api_key: "sk-qwen-for-openapi" }, "?dry_run=1"],
  ["POST", "/admin/payments/{payment_id}/retry", {}, "?dry_run=1"],
  ["POST", "/admin/payments/reconcile", {}, "?dry_run=1"],
  ["POST", "/admin/tokens", { name: "described", scopes: ["*"] }, "?dry_run=1"],
  ["PUT", "/admin/tokens/bootstrap", { enabled: true }, "?dry_run=1"],
  ["POST", "/admin/master/rewrap", {}, "?dry_run=1"],
  ["GET", "/admin/alert-rules"],
  ["PUT", "/admin/alert-rules/{kind}", { severity: "critical" }],
  ["PUT", "/admin/alert-rules/{kind}", { enabled: false }, "?dry_run=1"],
  ["PUT", "/admin/alert-rules/{kind}", {}],
  ["GET", "/admin/alerts", undefined, "?state=open&severity=warning&kind=cron_failed"],
  ["GET", "/admin/alerts", undefined, "?state=pending"],
  ["GET", "/admin/alerts/{alert_id}"],
  ["POST", "/admin/alerts/{alert_id}/snooze", { minutes: 60 }],
  ["POST", "/admin/alerts/{alert_id}/snooze", { minutes: 60, until: "2030-01-01" }],
  ["POST", "/admin/alerts/{alert_id}/acknowledge", {}],
  ["POST", "/admin/alerts/{alert_id}/resolve", {}, "?dry_run=1"],
  ["POST", "/admin/alerts/{alert_id}/resolve", {}],
  ["POST", "/admin/alerts/{alert_id}/acknowledge", {}],
  ["GET", "/admin/webhooks"],
  ["POST", "/admin/webhooks", { name: "n", url: "https://hooks.example/x", events: ["*"], min_severity: "info" }],
  ["POST", "/admin/webhooks", { name: "n", url: "https://hooks.example/x" }, "?dry_run=1"],
  ["POST", "/admin/webhooks", { name: "n", url: "https://10.0.0.1/x" }],
  ["GET", "/admin/webhooks/{webhook_id}"],
  ["PATCH", "/admin/webhooks/{webhook_id}", { name: "m", state: "active" }],
  ["PATCH", "/admin/webhooks/{webhook_id}", { state: "disabled" }],
  ["POST", "/admin/webhooks/{webhook_id}/test", {}],
  ["POST", "/admin/webhooks/{webhook_id}/test", {}, "?dry_run=1"],
  ["GET", "/admin/webhooks/{webhook_id}/deliveries"],
  ["POST", "/admin/webhooks/deliveries/{delivery_id}/redeliver", {}],
  ["POST", "/admin/webhooks/{webhook_id}/rotate-secret", { overlap_hours: 1 }],
  ["POST", "/admin/webhooks/{webhook_id}/rotate-secret", {}, "?dry_run=1"],
  ["DELETE", "/admin/webhooks/{webhook_id}", undefined, "?dry_run=1"],
  ["DELETE", "/admin/webhooks/{webhook_id}"],
  ["DELETE", "/admin/tokens/{token_id}", undefined, "?dry_run=1"],
  ["DELETE", "/admin/tokens/{token_id}"],
];

describe("real answers are as described", () => {
  let license;
  let provisioned;
  const machine_id = freshMachine();
  before(async () => {
    license = await world.license({ holder: { name: "Ada", email: "ada@example.com" }, note: "n" });
    provisioned = await world.provision({ license_id: license.code, machine_id, app_version: "1" });
  });

  test("of a usage report, and of a budget that is used up", async () => {
    const other = await world.license();
    const machine_id = freshMachine();
    await world.provision({ license_id: other.code, machine_id });
    const event = { provider: "kimi", model: "none", input_tokens: 1, output_tokens: 1, at: new Date().toISOString() };
    const report = async (body, status) => {
      const answer = await world.send("POST", "/usage/report", { license_id: other.code, machine_id, ...body });
      assert.equal(answer.status, status, answer.text);
      keepsTo("POST", "/usage/report", answer);
    };
    await report({ events: [] }, 200);
    const same = { ...event, event_id: "a" };
    await report({ events: [same, same, { ...same, model: "other" }, { ...same, at: "2001-01-01" }, {}] }, 200);
    await report({}, 400);
    await report({ machine_id: "another", events: [] }, 403);
    await report({ license_id: null, events: [] }, 401);
    const terms = { budget: { daily: "0", total: null }, enforcement: "block" };
    const revised = await world.admin("PATCH", `/admin/licenses/${other.id}`, terms);
    assert.equal(revised.status, 200, revised.text);
    keepsTo("PATCH", "/admin/licenses/{license_id}", revised);
    await report({ events: [] }, 200);
    for (const path of ["/keys/provision", "/keys/status"]) {
      const refused = await world.send("POST", path, { license_id: other.code, machine_id });
      assert.equal(refused.status, 402);
      keepsTo("POST", path, refused);
    }
  });

  test("of what needs no body", async () => {
    for (const path of ["/health", "/ready", "/version", "/openapi.json", "/.well-known/jwks.json"]) {
      keepsTo("GET", path, await world.fetch(path));
    }
  });

  test("of provision, each delivery and each refusal", async () => {
    const ask = async (body, status) => {
      const answer = await world.provision(body);
      assert.equal(answer.status, status, answer.text);
      keepsTo("POST", "/keys/provision", answer);
    };
    const good = { license_id: license.code, machine_id };
    await ask(good, 200);
    await ask({ ...good, requested_providers: ["kimi", "none"] }, 200);
    await ask({ ...good, client_public_key: (await makeDevice()).publicKey }, 200);
    await ask({ machine_id: 1 }, 400);
    await ask({ ...good, license_id: null }, 401);
    const full = await world.license({ max_machines: 1 });
    await world.provision({ license_id: full.code, machine_id });
    await ask({ license_id: full.code, machine_id: "another" }, 403);
    await ask(`{"pad":"${"x".repeat(20_000)}"}`, 413);
    const typed = await world.send("POST", "/keys/provision", "x", { "content-type": "text/plain" });
    assert.equal(typed.status, 415);
    keepsTo("POST", "/keys/provision", typed);
    await world.setHits(license.id, 60);
    await ask(good, 429);
  });

  test("of status", async () => {
    const other = await world.license();
    const { body } = await world.provision({ license_id: other.code, machine_id, delivery: "plain" });
    keepsTo("GET", "/keys/status", await world.receiptStatus(body.receipt));
    keepsTo("GET", "/keys/status", await world.receiptStatus("none"));
    keepsTo("POST", "/keys/status", await world.status({ license_id: other.code, machine_id }));
    await world.admin("PUT", "/admin/providers/kimi", { api_key: "sk-kimi-for-openapi" });
    const changed = await world.status({ license_id: other.code, machine_id });
    assert.equal(changed.body.changed, true);
    keepsTo("POST", "/keys/status", changed);
    keepsTo("POST", "/keys/status", await world.status({ license_id: other.code, machine_id: "unseated" }));
  });

  test("of trials", async () => {
    const ask = async (body, status) => {
      const answer = await world.send("POST", "/trials", body);
      assert.equal(answer.status, status, answer.text);
      keepsTo("POST", "/trials", answer);
    };
    await ask({ machine_id }, 201);
    await ask({ machine_id }, 200);
    await ask({ email: "a trial" }, 400);
  });

  test("of a holder's release, good and refused", async () => {
    const { code } = await world.license();
    const good = { license_id: code, machine_id };
    await world.provision(good);
    const ask = async (body, status, query = "") => {
      const answer = await world.send("POST", `/machines/release${query}`, body);
      assert.equal(answer.status, status, answer.text);
      keepsTo("POST", "/machines/release", answer);
    };
    await ask(good, 200, "?dry_run=1");
    for (let i = 0; i < 3; i++) {
      await ask(good, 200);
      await ask(good, 200);
      await world.provision(good);
    }
    await ask(good, 429);
    await ask({ ...good, release_machine_id: "mch_nobody" }, 404);
    await ask({ ...good, machine_id: "another" }, 403);
    await ask({ ...good, license_id: null }, 401);
    await ask({ ...good, release_machine_id: 5 }, 400);
  });

  test("of Stripe's posts, good and refused", async () => {
    const event = JSON.stringify({
      id: "evt_1", object: "event", type: "invoice.paid", created: 1, livemode: true,
      data: { object: { id: "in_1", customer_email: "a@b.example", lines: { data: [{ amount: 1, price: { id: "price_1" } }] } } },
    });
    assert.equal(flaws(JSON.parse(event), pointer("components", "schemas", "StripeEvent")), undefined);
    const seconds = Math.floor(Date.now() / 1000);
    const mac = createHmac("sha256", "whsec_for-tests-only").update(`${seconds}.${event}`).digest("hex");
    for (const [signature, status] of [[`t=${seconds},v1=${mac}`, 200], ["t=1,v1=00", 401]]) {
      const answer = await world.send("POST", "/hooks/stripe", event, { "stripe-signature": signature });
      assert.equal(answer.status, status, answer.text);
      keepsTo("POST", "/hooks/stripe", answer);
    }
  });

  test("of backups and restores", async () => {
    const key = makeBackupKey();
    const begun = (await world.admin("POST", "/admin/backup", { key })).body;
    const { backup_id } = begun;
    const place = { key, line: 1, previous: lineHash(begun.text) };
    const next = { ...place, backup_id, cursor: begun.next_cursor };
    const { text } = (await world.admin("POST", "/admin/backup", next)).body;
    const made = { ...place, backup_id, text };
    const elsewhere = { ...made, previous: "x".repeat(43) };
    const asked = [
      ["/admin/backup", { key }, 200],
      ["/admin/backup", next, 200],
      ["/admin/backup", { key: "lk_backup_x" }, 400],
      ["/admin/backup/verify", made, 200],
      ["/admin/backup/verify", elsewhere, 422],
      ["/admin/restore", { ...place, text, header: begun.text }, 422],
      ["/admin/restore", {}, 400],
      ["/admin/restore/lines", made, 409],
      ["/admin/restore/lines", elsewhere, 422],
    ];
    for (const [path, body, status] of asked) {
      const answer = await world.admin("POST", path, body);
      assert.equal(answer.status, status, answer.text);
      keepsTo("POST", path, answer);
    }
  });

  test("of the admin routes, good and refused", async () => {
    const { id } = license;
    const machines = await world.admin("GET", `/admin/licenses/${id}/machines`);
    const machine = machines.body.data[0].id;
    const started = await world.admin("POST", "/admin/rotations", rotation);
    const payments = await world.admin("GET", "/admin/payments");
    const spare = await world.admin("POST", "/admin/tokens", { name: "spare", scopes: ["licenses:read"] });
    const webhook = await world.admin("POST", "/admin/webhooks", { name: "nobody hears", url: "http://127.0.0.1:1/x" });
    const posted = await world.admin("POST", `/admin/webhooks/${webhook.body.id}/test`, {});
    const alert_id = "alr_00000000000000000000000001";
    await world.db
      .prepare("INSERT INTO alerts VALUES (?, 'cron_failed', 'x', 'warning', 0, 'open', '{}', 3, 3, 1, 2, NULL, NULL, NULL, NULL, NULL)")
      .bind(alert_id)
      .run();
    const values = {
      alert_id,
      kind: "cron_failed",
      webhook_id: webhook.body.id,
      delivery_id: posted.body.id,
      token_id: spare.body.id,
      license_id: id,
      machine_id: machine,
      provider: "qwen",
      rotation_id: started.body.id,
      plan: "pro",
      payment_id: payments.body.data[0].id,
      query: "licenses_never_used",
    };
    for (const [method, path, body, query = ""] of adminRequests) {
      const real = path.replace(/\{(\w+)\}/, (_, name) => values[name]) + query;
      const answer = await world.admin(method, real, body);
      assert.notEqual(answer.status, 404, real);
      keepsTo(method, path, answer);
    }
    for (const { path, method } of operations().filter((one) => one.path.startsWith("/admin/"))) {
      const real = path.replace(/\{\w+\}/, "nobody");
      keepsTo(method, path, await world.send(method.toUpperCase(), real, method === "get" ? undefined : {}));
      // A plan that is not there is made.
      if (path.includes("{") && !(method === "put" && path === "/admin/plans/{plan}")) {
        const named =
          path === "/admin/machines/{machine_id}" ? { name: null } : path.endsWith("/snooze") ? { minutes: 1 } : {};
        const body = method === "put" ? { api_key: "sk-long-enough" } : method === "get" ? undefined : named;
        const missing = await world.admin(method.toUpperCase(), real, body);
        assert.equal(missing.status, 404, missing.text);
        keepsTo(method, path, missing);
      }
    }
  });

  test("and what is accepted is described as acceptable", () => {
    const accepts = (name, value) =>
      assert.equal(flaws(value, pointer("components", "schemas", name)), undefined);
    const refuses = (name, value) =>
      assert.notEqual(flaws(value, pointer("components", "schemas", name)), undefined);
    accepts("ProvisionRequest", {
      machine_id,
      license_id: null,
      requested_providers: ["deepseek", "anything"],
    });
    accepts("ProvisionRequest", { machine_id, license_id: "x", some_new_field: 1 });
    refuses("ProvisionRequest", { license_id: "x" });
    refuses("ProvisionRequest", { machine_id: "", license_id: "x" });
    refuses("ProvisionRequest", { machine_id, delivery: "pigeon" });
    refuses("LicenseCreate", { cuont: 1 });
  });

  test("an answer of another shape would be noticed", () => {
    const { receipt, ...without } = provisioned.body;
    const schema = describedBy("POST", "/keys/provision", 200)["application/json"].schema.$ref.replace(
      /^#/,
      "openapi#",
    );
    assert.equal(flaws(provisioned.body, schema), undefined);
    assert.notEqual(flaws(without, schema), undefined);
    assert.ok(receipt);
  });
});
