// latchkey alert ... and latchkey webhook ...: what they ask, and what they show.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AdminServer, latchkey } from "./support.mjs";

const at = "2026-11-21T07:50:12Z";
const alert = {
  id: "alr_1", kind: "cron_failed", subject: "payments", severity: "warning", level: 0, state: "open",
  title: "A step of the scheduled work fails", advice: "Read the log.", details: { step: "payments" }, count: 4,
  first_at: at, last_at: at, snoozed_until: null, acted_by: null, acted_at: null, resolved_at: null,
};
const webhook = {
  id: "whk_1", name: "ops", url_hint: "https://hooks.example/...", events: ["*"], min_severity: "info", state: "active",
  failures: 2, old_secret_until: null, created_by: "admin:ann", created_at: at, updated_at: at, last_delivered_at: null,
};
const delivery = {
  id: "msg_1", webhook_id: "whk_1", alert_id: null, type: "webhook.test", state: "delivered", attempts: 1, next_at: null,
  last_status: 204, last_error: null, created_at: at, delivered_at: at,
};
const secret = "whsec_bm90IGEgc2VjcmV0IG9mIGFueWJvZHkncyBhdCBhbGw=";

const last = ({ requests }) => {
  const { method, path, text } = requests.at(-1);
  return [method, path, text === "" ? undefined : JSON.parse(text)];
};

test("alert list sends its filters and shows what is wrong", async (t) => {
  const server = await AdminServer.start(t);
  server.answers.push({ status: 200, body: { data: [alert], next_cursor: null } });
  const list = await latchkey(["alert", "list", "--state", "open", "--severity", "warning", "--kind", "cron_failed"], server);
  assert.equal(list.status, 0, list.stderr);
  assert.match(list.stdout, /^alr_1 +warning +open +cron_failed +payments +4 /m);
  assert.match(list.stderr, /1 alert\./);
  assert.deepEqual(server.requests[0].query, { limit: "500", state: "open", severity: "warning", kind: "cron_failed" });
  for (const args of [["--state", "pending"], ["--severity", "fatal"], ["--kind", "Cron"]]) {
    assert.equal((await latchkey(["alert", "list", ...args], server)).status, 2);
  }
});

test("alert show, ack, snooze and resolve name one and say what to do", async (t) => {
  const server = await AdminServer.start(t);
  for (const [args, method, path, body] of [
    [["show"], "GET", "", undefined],
    [["ack"], "POST", "/acknowledge", {}],
    [["resolve"], "POST", "/resolve", {}],
    [["snooze"], "POST", "/snooze", { minutes: 1440 }],
    [["snooze", "--for", "90m"], "POST", "/snooze", { minutes: 90 }],
    [["snooze", "--for", "2d"], "POST", "/snooze", { minutes: 2880 }],
    [["snooze", "--for", "2026-12-01"], "POST", "/snooze", { until: "2026-12-01" }],
  ]) {
    server.answers.push({ status: 200, body: alert });
    const { status, stdout, stderr } = await latchkey(["alert", args[0], "alr_1", ...args.slice(1)], server);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^subject +payments$/m);
    assert.match(stdout, /^What to do: Read the log\.$/m);
    assert.deepEqual(last(server), [method, `/admin/alerts/alr_1${path}`, body]);
  }
  for (const args of [["show", "lic_1"], ["snooze", "alr_1", "--for", "31d"], ["snooze", "alr_1", "--for", "soon"]]) {
    assert.equal((await latchkey(["alert", ...args], server)).status, 2, args.join(" "));
  }
});

test("alert rules lists the kinds, and alert rule sets one", async (t) => {
  const server = await AdminServer.start(t);
  const rule = {
    kind: "cron_failed", enabled: true, severity: "critical", default_severity: "warning", title: alert.title,
    advice: alert.advice, updated_by: null, updated_at: null,
  };
  server.answers.push({ status: 200, body: { data: [rule] } });
  assert.match((await latchkey(["alert", "rules"], server)).stdout, /^cron_failed +yes +critical +A step/m);
  for (const [args, body] of [
    [["--severity", "critical"], { severity: "critical" }],
    [["--off"], { enabled: false }],
    [["--on", "--severity", "info"], { enabled: true, severity: "info" }],
  ]) {
    server.answers.push({ status: 200, body: rule });
    assert.equal((await latchkey(["alert", "rule", "cron_failed", ...args], server)).status, 0);
    assert.deepEqual(last(server), ["PUT", "/admin/alert-rules/cron_failed", body]);
  }
  assert.equal((await latchkey(["alert", "rule", "cron_failed"], server)).status, 2);
  assert.equal((await latchkey(["alert", "rule", "cron_failed", "--on", "--off"], server)).status, 2);
});

test("webhook create and rotate-secret show the secret and say that it is shown once", async (t) => {
  const server = await AdminServer.start(t);
  server.answers.push({ status: 201, body: { ...webhook, secret } });
  const url = "https://hooks.example/x?token=1";
  const made = await latchkey(["webhook", "create", url, "--event", "cron_failed", "--event", "webhook_failing"], server);
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stdout, new RegExp(`^secret +${secret}$`, "m"));
  assert.match(made.stderr, /shown once/);
  assert.deepEqual(last(server), [
    "POST", "/admin/webhooks", { url, name: "hooks.example", events: ["cron_failed", "webhook_failing"] },
  ]);
  server.answers.push({ status: 200, body: { ...webhook, secret } });
  const rotated = await latchkey(["webhook", "rotate-secret", "whk_1", "--overlap", "2"], server);
  assert.match(rotated.stdout, new RegExp(secret));
  assert.deepEqual(last(server), ["POST", "/admin/webhooks/whk_1/rotate-secret", { overlap_hours: 2 }]);
  const wrong = await latchkey(["webhook", "show", url], server);
  assert.equal(wrong.status, 2);
  assert.ok(!wrong.stderr.includes("token=1"), "what may hold a token is not repeated");
});

test("webhook list, show, update and delete", async (t) => {
  const server = await AdminServer.start(t);
  server.answers.push({ status: 200, body: { data: [webhook] } });
  assert.match((await latchkey(["webhook", "list"], server)).stdout, /^whk_1 +ops +https:\/\/hooks\.example/m);
  for (const [args, method, body] of [
    [["show"], "GET", undefined],
    [["update", "--pause"], "PATCH", { state: "paused" }],
    [["update", "--resume", "--name", "n", "--target-url", "https://b.example", "--min-severity", "critical"], "PATCH",
     { name: "n", url: "https://b.example", min_severity: "critical", state: "active" }],
    [["delete"], "DELETE", undefined],
  ]) {
    server.answers.push({ status: 200, body: webhook });
    const { status, stdout, stderr } = await latchkey(["webhook", args[0], "whk_1", ...args.slice(1)], server);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^state +active \(2 attempts failed in a row\)$/m);
    assert.deepEqual(last(server), [method, "/admin/webhooks/whk_1", body]);
  }
  assert.equal((await latchkey(["webhook", "update", "whk_1"], server)).status, 2);
});

test("webhook test fails where the receiver did; deliveries and redeliver", async (t) => {
  const server = await AdminServer.start(t);
  server.answers.push({ status: 200, body: delivery });
  assert.equal((await latchkey(["webhook", "test", "whk_1"], server)).status, 0);
  server.answers.push({ status: 200, body: { ...delivery, state: "failed", last_error: "HTTP 302: a redirect, which is not followed" } });
  const failed = await latchkey(["webhook", "test", "whk_1"], server);
  assert.equal(failed.status, 1);
  assert.match(failed.stdout, /^last answer +HTTP 302: a redirect/m);
  server.answers.push({ status: 200, body: { data: [delivery], next_cursor: null } });
  assert.match((await latchkey(["webhook", "deliveries", "whk_1"], server)).stdout, /^msg_1 +webhook\.test +delivered +1 +- +HTTP 204/m);
  server.answers.push({ status: 200, body: { ...delivery, state: "due" } });
  assert.equal((await latchkey(["webhook", "redeliver", "msg_1"], server)).status, 0);
  assert.deepEqual(last(server), ["POST", "/admin/webhooks/deliveries/msg_1/redeliver", {}]);
});
