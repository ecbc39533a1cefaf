// GET /metrics as a Prometheus server would read it: by a parser that is not ours, with a token that may do nothing else,
// and the same series whatever is stored.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import parsePrometheus from "parse-prometheus-text-format";
import { failing } from "../support/failing.mjs";
import { root } from "../support/miniflare.mjs";
import { assertProblem, freshMachine, openWorld, wasmHash } from "../support/world.mjs";

const page = readFileSync(join(root, "docs/monitoring.md"), "utf8").split("\n## Metrics\n")[1].split("\n## ")[0];

let world;
let token;
before(async () => {
  world = await openWorld({
    wrapper: failing,
    vars: { D1_TIMEOUT_MS: "2000", RATE_LIMIT_IP_PER_HOUR: "100000", RATE_LIMIT_LICENSE_PER_HOUR: "100000" },
  });
  const made = await world.admin("POST", "/admin/tokens", { name: "prometheus", scopes: ["metrics:read"] });
  token = made.body.token;
});
after(() => world.stop());

const scrape = (headers = {}) =>
  world.send("GET", "/metrics", undefined, { authorization: `Bearer ${token}`, ...headers });

// parsed: name to {type, help, samples: Map of labels as JSON to number}.
async function parsed() {
  const answer = await scrape();
  assert.equal(answer.status, 200, answer.text);
  const families = new Map();
  for (const { name, type, help, metrics } of parsePrometheus(answer.text)) {
    assert.ok(!families.has(name), name);
    const samples = new Map(metrics.map(({ value, labels = {} }) => [JSON.stringify(labels), Number(value)]));
    assert.equal(samples.size, metrics.length, `${name}: a series is there twice`);
    families.set(name, { type, help, samples });
  }
  return families;
}
const seriesOf = (families) => [...families].flatMap(([name, { samples }]) => [...samples.keys()].map((labels) => name + labels));
const value = (families, name, labels = {}) => families.get(name).samples.get(JSON.stringify(labels));

test("the parser takes it, and every number is one", async () => {
  const answer = await scrape();
  assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const families = await parsed();
  assert.ok(families.size > 40);
  const numLines = answer.text.split("\n").filter((line) => line && !line.startsWith("#")).length;
  assert.equal(seriesOf(families).length, numLines, "the parser left nothing out");
  for (const [name, { type, help, samples }] of families) {
    assert.match(name, /^latchkey_[a-z0-9_]+$/);
    assert.equal(type, name.endsWith("_total") ? "COUNTER" : "GAUGE", name);
    assert.ok(help.length > 10, name);
    for (const number of samples.values()) assert.ok(Number.isFinite(number), name);
  }
});

test("its token can do nothing else, and no other token and nobody can read it", async () => {
  const other = await world.admin("POST", "/admin/tokens", { name: "other", scopes: ["config:read", "licenses:read"] });
  assertProblem(await scrape({ authorization: `Bearer ${other.body.token}` }), 403, "forbidden");
  const nobody = await world.send("GET", "/metrics");
  assertProblem(nobody, 401, "unauthorized");
  assert.equal(nobody.headers.get("www-authenticate"), "Bearer");
  assertProblem(await world.send("GET", "/metrics", undefined, { authorization: "Bearer x" }), 401, "unauthorized");
  const own = { authorization: `Bearer ${token}` };
  assertProblem(await world.send("GET", "/admin/licenses", undefined, own), 403, "forbidden");
  assertProblem(await world.send("POST", "/metrics", {}, own), 405, "method_not_allowed");
  const head = await world.send("HEAD", "/metrics", undefined, own);
  assert.deepEqual([head.status, head.text], [200, ""]);
});

test("an outage is a 503, also one that begins behind the token", async () => {
  for (const how of ["dead", "dead from 2"]) {
    assertProblem(await scrape({ "x-db": how }), 503, "unavailable");
  }
  assert.equal((await scrape({ "x-kv": "dead" })).status, 200, "KV is not asked");
});

describe("the figures", () => {
  let begun;
  before(async () => {
    begun = await parsed();
  });

  test("are the same series whatever is stored, and no text of it", async () => {
    const licenses = await Promise.all(Array.from({ length: 5 }, (_, i) => world.license({ note: `note-of-mine-${i}` })));
    const machine_id = freshMachine();
    for (const { code } of licenses) await world.provision({ license_id: code, machine_id });
    const events = Array.from({ length: 300 }, (_, i) => ({
      event_id: `e${i}`, provider: ["kimi", "qwen"][i % 2], model: `made-up-model-${i}`, input_tokens: 1, output_tokens: 1,
      at: new Date().toISOString(),
    }));
    const reported = await world.send("POST", "/usage/report", { license_id: licenses[0].code, machine_id, events });
    assert.equal(reported.status, 200, reported.text);
    await world.sync();
    // What no code of ours writes, and a person at the console may.
    const rows = Array.from({ length: 50 }, (_, i) => i);
    await world.db.batch([
      ...rows.map((i) =>
        world.db.prepare(`INSERT INTO audit_log (at, request_id, item, action, outcome, reason, actor)
          SELECT at, request_id, item + 1000 + ?1, 'provision.denied', 'denied', 'made-up-reason-' || ?1, 'x'
          FROM audit_log WHERE action = 'provision.granted' LIMIT 1`).bind(i),
      ),
      world.db.prepare(`INSERT INTO alerts (id, kind, subject, severity, level, state, details, count, needed, first_at, last_at)
        VALUES ('alr_x', 'made-up-kind', 'made-up-subject', 'made-up-severity', 0, 'open', '{}', 1, 1, 0, 0)`),
      world.db.prepare("UPDATE state SET cron_steps = json_patch(cron_steps, '{\"made-up-step\": 1}')"),
    ]);
    const now = await parsed();
    assert.deepEqual(seriesOf(now), seriesOf(begun));
    const { text } = await scrape();
    for (const word of ["made-up", "note-of-mine", "lic_", "mch_", machine_id, ...licenses.map(({ code }) => code)]) {
      assert.ok(!text.includes(word), word);
    }
    assert.ok(value(now, "latchkey_provisions_denied", { reason: "other" }) >= 50);
    await world.db.prepare("DELETE FROM alerts WHERE id = 'alr_x'").run();
  });

  test("say what happened", async () => {
    const { code, id } = await world.license();
    const was = await parsed();
    const machine_id = freshMachine();
    assert.equal((await world.provision({ license_id: code, machine_id })).status, 200);
    assert.equal((await world.provision({ license_id: "WRITER-2024-NONE", machine_id })).status, 401);
    assert.equal((await world.status({ license_id: "WRITER-2024-NONE", machine_id })).status, 401);
    const event = {
      event_id: "a", provider: "deepseek", model: "deepseek-chat", input_tokens: 1_000_000, output_tokens: 0,
      at: new Date().toISOString(),
    };
    const reported = await world.send("POST", "/usage/report", { license_id: code, machine_id, events: [event] });
    assert.equal(reported.status, 200, reported.text);
    const behind = await parsed();
    await world.sync();
    assert.equal((await world.admin("POST", `/admin/licenses/${id}/suspend`, {})).status, 200);
    const now = await parsed();
    const grew = (name, labels) => value(now, name, labels) - value(was, name, labels);
    assert.equal(grew("latchkey_provisions_granted"), 1);
    assert.equal(grew("latchkey_provisions_denied", { reason: "unknown_license" }), 1);
    assert.equal(grew("latchkey_refusals", { act: "status" }), 1);
    assert.equal(grew("latchkey_machines"), 1);
    assert.equal(grew("latchkey_licenses", { state: "active" }), -1);
    assert.equal(grew("latchkey_licenses", { state: "suspended" }), 1);
    assert.equal(grew("latchkey_usage_events_total"), 1);
    assert.equal(value(behind, "latchkey_usage_events_behind"), 1);
    assert.equal(value(now, "latchkey_usage_events_behind"), 0);
    assert.equal(grew("latchkey_usage_today_requests", { provider: "deepseek" }), 1);
    assert.equal(grew("latchkey_usage_today_tokens", { provider: "deepseek", direction: "input" }), 1_000_000);
    const cost = value(now, "latchkey_usage_today_cost_dollars", { provider: "deepseek" });
    assert.ok(cost > 0 && cost < 10, String(cost));
    assert.ok(grew("latchkey_audit_records_total") >= 4);
    assert.equal(value(now, "latchkey_provider_key_version", { provider: "kimi" }), 1);
    assert.equal(value(now, "latchkey_bootstrap_token_enabled"), 1);
    assert.ok(value(now, "latchkey_admin_tokens") >= 1);
    assert.equal(value(now, "latchkey_schema_migration"), value(now, "latchkey_schema_migration_expected"));
    const build = { wasm_sha256: await wasmHash() };
    const [labels] = [...now.get("latchkey_build_info").samples.keys()].map((text) => JSON.parse(text));
    assert.equal(labels.wasm_sha256, build.wasm_sha256);
    assert.equal(labels.environment, "development");
  });

  test("know when each step of cron last went well, and D1's clock", async () => {
    const before = Date.now() / 1000;
    await world.sync();
    const now = await parsed();
    const steps = now.get("latchkey_cron_step_success_timestamp_seconds").samples;
    assert.ok(steps.size >= 13);
    for (const [labels, at] of steps) assert.ok(at >= before - 1 && at <= Date.now() / 1000 + 1, `${labels} ${at}`);
    assert.ok(Math.abs(value(now, "latchkey_d1_clock_offset_seconds")) < 5);
  });

  test("know of a backup, a rotation, an open alert and a webhook", async () => {
    const at = Date.now() / 1000;
    await world.admin("POST", "/admin/webhooks", { name: "ops", url: "https://hooks.example/x" });
    const asked = { provider: "zhipu", api_key: "sk-zhipu-for-metrics", verify: false, publish_at: "2040-01-01" };
    const started = await world.admin("POST", "/admin/rotations", asked);
    assert.equal(started.status, 201, started.text);
    await world.db.batch([
      world.db.prepare(`INSERT INTO alerts (id, kind, subject, severity, level, state, details, count, needed, first_at, last_at)
        VALUES ('alr_y', 'cron_failed', 'usage', 'warning', 0, 'open', '{}', 1, 1, 0, 0)`),
      world.db.prepare(`INSERT INTO audit_log (at, request_id, action, outcome, actor)
        VALUES (CAST(? AS INTEGER), 'req_x', 'backup.made', 'done', 'x')`).bind(Math.floor(at) * 1000),
    ]);
    const now = await parsed();
    assert.equal(value(now, "latchkey_backup_timestamp_seconds"), Math.floor(at));
    assert.equal(value(now, "latchkey_alerts_open", { kind: "cron_failed", severity: "warning" }), 1);
    assert.equal(value(now, "latchkey_webhooks", { state: "active" }), 1);
    const rotation = ["published", "staged", "verified"].map((state) =>
      value(now, "latchkey_rotation_open", { provider: "zhipu", state }),
    );
    assert.equal(rotation.reduce((sum, one) => sum + one), 1);
  });
});

test("the page on monitoring lists every metric with its labels, and no other", async () => {
  const families = await parsed();
  const rows = [...page.matchAll(/^\| `(latchkey_\w+)` \|([^|]*)\| ([^|]+) \|$/gm)];
  assert.deepEqual(rows.map(([, name]) => name), [...families.keys()]);
  for (const [, name, cell, help] of rows) {
    const { samples, help: printed } = families.get(name);
    const labels = Object.keys(JSON.parse([...samples.keys()][0]));
    assert.deepEqual([...cell.matchAll(/`(\w+)`/g)].map(([, label]) => label), labels, name);
    assert.equal(help.trim(), printed, name);
  }
});

test("the rules of the page on monitoring ask for metrics that are there", async () => {
  const families = await parsed();
  const rules = [...page.matchAll(/^ +expr: (.+)$/gm)].map(([, expression]) => expression);
  assert.equal(rules.length, 3);
  const named = rules.flatMap((rule) => rule.match(/latchkey_\w+/g) ?? []);
  assert.ok(named.length >= 2);
  for (const name of named) assert.ok(families.has(name), name);
});
