// Alerts and their webhooks on workerd: what a provider refuses is on its way to a receiver within a run of cron, and the
// receiver verifies it with the official library of Standard Webhooks.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { Providers } from "../support/providers.mjs";
import { WebhookReceiver } from "../support/webhook_receiver.mjs";
import { assertProblem, openWorld, providers as names } from "../support/world.mjs";

let world;
let providers;
let receiver;
before(async () => {
  [providers, receiver] = await Promise.all([Providers.start(), WebhookReceiver.start()]);
  world = await openWorld({
    vars: { ...providers.vars, WEBHOOK_ALLOW_LOOPBACK: "1", KEY_CHECK_MINUTES: "60" },
  });
  for (const name of names) providers.keys[name].add(world.providerKeys[name]);
});
after(async () => {
  await world?.stop();
  await Promise.all([providers, receiver].map((server) => server?.stop()));
});

// Each test begins with no webhook, no alert and checks that were just made.
beforeEach(async () => {
  for (const table of ["webhooks", "webhook_deliveries", "alerts", "alert_rules"]) await world.db.prepare(`DELETE FROM ${table}`).run();
  await world.db.prepare("DELETE FROM key_checks").run();
  for (let i = 0; i < names.length; i++) await world.sync();
  Object.assign(receiver, { secret: undefined, status: 204, received: [], refused: [], elsewhere: 0 });
});

async function asked(method, path, body, status = 200) {
  const answer = await world.admin(method, path, body);
  assert.equal(answer.status, status, answer.text);
  return answer.body;
}
async function webhook(more = {}) {
  const made = await asked("POST", "/admin/webhooks", { name: "ops", url: receiver.url, ...more }, 201);
  receiver.secret = made.secret;
  return made;
}
const due = (sql = "due_at IS NOT NULL") => world.db.prepare(`UPDATE webhook_deliveries SET due_at = 1 WHERE ${sql}`).run();
// refuse: a provider takes its key no more, and an hour passes.
async function refuse(provider) {
  providers.statuses[provider] = 401;
  await world.db.prepare("UPDATE key_checks SET due_at = 1 WHERE provider = ?").bind(provider).run();
  await world.sync();
  providers.statuses[provider] = undefined;
}
const list = async (query = "") => (await asked("GET", `/admin/alerts${query}`)).data;

test("a key that its provider refuses is an alert that is delivered, once, and resolved when it is taken again", async () => {
  const { id } = await webhook();
  await refuse("mistral");
  assert.deepEqual(receiver.refused, []);
  assert.equal(receiver.received.length, 1);
  const { body } = receiver.received[0];
  assert.equal(body.type, "alert.raised");
  assert.ok(Math.abs(Date.now() - Date.parse(body.timestamp)) < 60_000);
  const { kind, subject, severity, state, details, count } = body.data;
  assert.deepEqual(
    { kind, subject, severity, state, details, count },
    {
      kind: "provider_key_refused", subject: "mistral", severity: "critical", state: "open",
      details: { answer: "HTTP 401", provider: "mistral", version: 1 }, count: 1,
    },
  );
  const [alert] = await list("?state=open");
  assert.equal(alert.id, body.data.alert_id);
  assert.equal(alert.title, body.data.title);
  await world.sync();
  assert.equal(receiver.received.length, 1, "it is told once");
  const { data } = await asked("GET", "/admin/providers");
  assert.equal(data.find(({ provider }) => provider === "mistral").key_check.verdict, "refused");

  await world.db.prepare("UPDATE key_checks SET due_at = 1 WHERE provider = 'mistral'").run();
  await world.sync();
  assert.equal(receiver.received.length, 2);
  assert.equal(receiver.received[1].body.type, "alert.resolved");
  assert.equal((await list("?state=open")).length, 0);
  const deliveries = (await asked("GET", `/admin/webhooks/${id}/deliveries`)).data;
  assert.deepEqual(deliveries.map(({ state }) => state), ["delivered", "delivered"]);
});

test("a message that is not taken is posted again under the same id, after a while", async () => {
  const { id } = await webhook();
  receiver.status = 500;
  await refuse("kimi");
  assert.equal(receiver.received.length, 1);
  await world.sync();
  assert.equal(receiver.received.length, 1, "not at once");
  const [waiting] = (await asked("GET", `/admin/webhooks/${id}/deliveries`)).data;
  assert.equal(waiting.state, "due");
  assert.equal(waiting.last_status, 500);
  assert.ok(Date.parse(waiting.next_at) > Date.now());
  receiver.status = 200;
  await due();
  await world.sync();
  assert.equal(receiver.received.length, 2);
  assert.equal(receiver.received[1].id, receiver.received[0].id);
  assert.deepEqual(receiver.received[1].body, receiver.received[0].body);
  await due();
  await world.sync();
  assert.equal(receiver.received.length, 2);
});

test("two runs of cron at once post a message once", async () => {
  await webhook();
  receiver.status = 500;
  await refuse("qwen");
  receiver.status = 204;
  receiver.received = [];
  await due();
  await Promise.all([world.sync(), world.sync(), world.sync()]);
  assert.equal(receiver.received.length, 1);
});

test("a redirect is not followed, and counts as a failure that says so", async () => {
  const { id } = await webhook();
  for (const status of [301, 302, 303, 307, 308]) {
    receiver.status = status;
    const tested = await asked("POST", `/admin/webhooks/${id}/test`, {});
    assert.equal(tested.state, "failed");
    assert.equal(tested.last_status, status);
    assert.match(tested.last_error, /redirect, which is not followed/);
  }
  assert.equal(receiver.elsewhere, 0);
});

test("a receiver that answers 410 is posted to no more until it is switched on", async () => {
  const { id } = await webhook();
  receiver.status = 410;
  await refuse("zhipu");
  assert.equal((await asked("GET", `/admin/webhooks/${id}`)).state, "disabled");
  assert.equal((await list("?kind=webhook_failing")).length, 1);
  receiver.status = 204;
  receiver.received = [];
  await refuse("yandex");
  assert.equal(receiver.received.length, 0);
  const [gone] = (await asked("GET", `/admin/webhooks/${id}/deliveries`)).data;
  assertProblem(await world.admin("POST", `/admin/webhooks/deliveries/${gone.id}/redeliver`, {}), 409, "conflict");
  await asked("PATCH", `/admin/webhooks/${id}`, { state: "active" });
  await asked("POST", `/admin/webhooks/deliveries/${gone.id}/redeliver`, {});
  await world.sync();
  assert.deepEqual(receiver.received.map((message) => message.id), [gone.id]);
  assert.equal((await list("?kind=webhook_failing&state=open")).length, 0);
});

test("while a secret is rotated, messages verify with both", async () => {
  const { id, secret: old } = await webhook();
  const { secret, old_secret_until } = await asked("POST", `/admin/webhooks/${id}/rotate-secret`, { overlap_hours: 1 });
  assert.notEqual(secret, old);
  assert.ok(Date.parse(old_secret_until) > Date.now());
  for (const known of [old, secret]) {
    receiver.secret = known;
    assert.equal((await asked("POST", `/admin/webhooks/${id}/test`, {})).state, "delivered");
  }
  assert.equal(receiver.received.at(-1).signature.split(" ").length, 2);
  await world.db.prepare("UPDATE webhooks SET old_secret_until = 1").run();
  assert.equal((await asked("POST", `/admin/webhooks/${id}/test`, {})).state, "delivered");
  assert.equal(receiver.received.at(-1).signature.split(" ").length, 1);
  receiver.secret = old;
  assert.equal((await asked("POST", `/admin/webhooks/${id}/test`, {})).state, "failed");
});

test("the library refuses what was changed on its way", async () => {
  const { id, secret } = await webhook();
  await asked("POST", `/admin/webhooks/${id}/test`, {});
  const { id: message, signature, body } = receiver.received[0];
  const headers = {
    "webhook-id": message, "webhook-signature": signature,
    "webhook-timestamp": String(Math.floor(Date.parse(body.timestamp) / 1000)),
  };
  assert.throws(() => new Webhook(secret).verify(JSON.stringify({ ...body, type: "other" }), headers));
});

test("what a webhook does not want is not posted to it", async () => {
  await webhook({ events: ["license_shared"] });
  await refuse("qwen");
  assert.equal(receiver.received.length, 0);
  await webhook({ events: ["provider_key_refused", "license_shared"], min_severity: "critical" });
  await refuse("kimi");
  assert.equal(receiver.received.length, 1);
  await asked("PUT", "/admin/alert-rules/provider_key_refused", { enabled: false });
  await refuse("zhipu");
  assert.equal(receiver.received.length, 1);
});

test("an alert is acknowledged, snoozed and resolved, each act once in the audit log", async () => {
  await refuse("deepseek");
  const [{ id }] = await list();
  const admin = "admin:bootstrap";
  const acknowledged = await asked("POST", `/admin/alerts/${id}/acknowledge`, {});
  assert.deepEqual([acknowledged.state, acknowledged.acted_by], ["acknowledged", admin]);
  await asked("POST", `/admin/alerts/${id}/acknowledge`, {});
  const until = "2026-12-01T00:00:00Z";
  const soon = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z/, "Z");
  assert.equal((await asked("POST", `/admin/alerts/${id}/snooze`, { until: soon })).snoozed_until, soon);
  assertProblem(await world.admin("POST", `/admin/alerts/${id}/snooze`, { until: "2020-01-01" }), 400, "invalid_request");
  assertProblem(await world.admin("POST", `/admin/alerts/${id}/snooze`, { until, minutes: 5 }), 400, "invalid_request");
  assert.equal((await asked("POST", `/admin/alerts/${id}/resolve`, {})).state, "resolved");
  assertProblem(await world.admin("POST", `/admin/alerts/${id}/acknowledge`, {}), 409, "conflict");
  const acts = await world.audit("action LIKE 'alert.%' AND json_extract(details, '$.alert') = ?", id);
  assert.deepEqual(acts.map(({ action, actor }) => [action, actor]), [
    ["alert.acknowledged", admin], ["alert.snoozed", admin], ["alert.resolved", admin],
  ]);
  assert.equal((await list("?state=resolved")).length, 1);
});

describe("a webhook's URL", () => {
  const refused = {
    "http://hooks.example/x": /https/,
    "https://127.0.0.1.:8443/x": /dot at the end/,
    "https://10.0.0.1/x": /an address is refused/,
    "https://0x0a000001/x": /an address is refused/,
    "https://2130706433/x": /an address is refused/,
    "https://[::ffff:192.168.0.1]/x": /an address is refused/,
    "https://169.254.169.254/latest/meta-data": /an address is refused/,
    "https://printer/x": /without a dot is local/,
    "https://db.internal/x": /ending is local/,
    "https://user:secret@hooks.example/x": /no user name/,
    "https://hooks.example/x#y": /no fragment/,
    "https://hooks.example:22/x": /port/,
  };
  for (const [url, rule] of Object.entries(refused)) {
    test(`${url} is refused with the rule that it breaks`, async () => {
      const problem = assertProblem(await world.admin("POST", "/admin/webhooks", { name: "n", url }), 400, "invalid_request");
      assert.match(problem.errors[0].message, rule);
      assert.equal(problem.errors[0].location, "url");
    });
  }

  test("may lead to this machine only by the setting of tests", async () => {
    const strict = await openWorld();
    try {
      for (const url of [receiver.url, "https://localhost:8443/x"]) {
        assertProblem(await strict.admin("POST", "/admin/webhooks", { name: "n", url }), 400, "invalid_request");
      }
    } finally {
      await strict.stop();
    }
  });
});

test("URL and secret are stored sealed alone, and shown nowhere again", async () => {
  const token = "a-token-in-the-URL";
  const { id, secret, url_hint } = await webhook({ url: `${receiver.url}?token=${token}` });
  assert.equal(url_hint, new URL(receiver.url).origin + "/...");
  for (const path of ["/admin/webhooks", `/admin/webhooks/${id}`]) {
    const { text } = await world.admin("GET", path);
    assert.ok(!text.includes(token) && !text.includes(secret), path);
  }
  const rows = JSON.stringify([
    (await world.db.prepare("SELECT * FROM webhooks").all()).results,
    await world.audit("action LIKE 'webhook.%'"),
  ]);
  assert.ok(!rows.includes(token) && !rows.includes(secret.slice(6)));
});

test("checkpoints of the audit log go, as they are signed, to the webhooks that name them", async () => {
  const { id, events } = await webhook({ events: ["audit_checkpoint", "*", "audit_broken"] });
  assert.deepEqual(events, ["*", "audit_checkpoint"]);
  const answer = await world.admin("POST", "/admin/audit/checkpoint", {});
  assert.equal(answer.status, 200, answer.text);
  await world.sync();
  assert.deepEqual(receiver.refused, []);
  const told = receiver.received.filter(({ body }) => body.type === "audit.checkpoint");
  assert.equal(told.length, 1);
  const { data } = told[0].body;
  assert.equal(data.checkpoint, answer.body.note);
  assert.equal(data.size, answer.body.size);
  const deliveries = (await asked("GET", `/admin/webhooks/${id}/deliveries`)).data;
  assert.deepEqual(deliveries.map(({ type, state, alert_id }) => [type, state, alert_id]), [
    ["audit.checkpoint", "delivered", null],
  ]);
});

test("a webhook that wants all alerts is sent no checkpoint", async () => {
  const { id } = await webhook();
  assert.equal((await world.admin("POST", "/admin/audit/checkpoint", {})).status, 200);
  await world.sync();
  assert.deepEqual((await asked("GET", `/admin/webhooks/${id}/deliveries`)).data, []);
});
