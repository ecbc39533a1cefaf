// The cookbook, d1/cookbook: each query runs as it stands, finds what it is meant to find, changes nothing, and
// reads no whole table unless it says so.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { failing } from "../support/failing.mjs";
import { root } from "../support/miniflare.mjs";
import { freshMachine, openWorld } from "../support/world.mjs";

const directory = join(root, "d1/cookbook");
const names = readdirSync(directory).sort();
const dayMs = 86_400_000;
const machine = "machine-of-the-cookbook";
const tables = ["licenses", "machines", "audit_log", "provider_keys", "rotations", "admin_tokens"];

let world;
let values; // of parameters that have no default that would do
before(async () => {
  world = await openWorld({
    wrapper: failing,
    vars: { TRIAL_PLAN: "pro", RATE_LIMIT_IP_PER_HOUR: "1000", RATE_LIMIT_LICENSE_PER_HOUR: "1000" },
  });
  await seed();
});
after(() => world.stop());

// seed: a little of everything that a query looks for.
async function seed() {
  const license = await world.license({ max_machines: 1, expires_at: new Date(Date.now() + 5 * dayMs).toISOString() });
  const provision = (body, headers) =>
    world.provision({ license_id: license.code, machine_id: machine, delivery: "plain", ...body }, headers);
  const { body } = await provision({ app_version: "1.0" });
  const report = await world.send("POST", "/usage/report", {
    license_id: license.code,
    machine_id: machine,
    events: [3, 30].map((hours) => ({
      event_id: `cook-${hours}`, provider: "kimi", model: "kimi-k2", input_tokens: 100_000, output_tokens: 10,
      at: new Date(Date.now() - hours * 3_600_000).toISOString(),
    })),
  });
  assert.equal(report.body.accepted, 2, report.text);
  await provision({ machine_id: freshMachine() });
  await provision({ license_id: "NO-SUCH-LICENCE" });
  await world.sync();
  assert.equal((await provision({ receipt: body.receipt }, { "x-db": "dead" })).status, 200);
  await world.sync();
  await world.admin("POST", `/admin/licenses/${license.id}/suspend`, { reason: "cookbook" });
  await world.admin("POST", `/admin/licenses/${license.id}/reinstate`, {});
  await world.license();
  await world.send("POST", "/trials", { machine_id: freshMachine() });
  await world.send("GET", "/admin/licenses", undefined, { authorization: "Bearer wrong-0123456789" });
  await world.admin("POST", "/admin/tokens", { name: "cook", scopes: ["licenses:read"] });
  await world.admin("PUT", "/admin/providers/kimi", { api_key: "sk-kimi-for-the-cookbook" });
  const publish_at = new Date(Date.now() + dayMs).toISOString();
  const staged = { provider: "qwen", api_key: "sk-qwen-for-the-cookbook", publish_at, verify: false };
  assert.equal((await world.admin("POST", "/admin/rotations", staged)).status, 201);
  const old = Date.now() - 100 * dayMs;
  const quiet = await world.license();
  await world.provision({ license_id: quiet.code, machine_id: freshMachine(), delivery: "plain" });
  await world.db.prepare("UPDATE machines SET last_seen_at = ? WHERE license_id = ?").bind(old, quiet.id).run();
  await world.db.prepare("UPDATE licenses SET created_at = ? WHERE trial_of IS NOT NULL").bind(old).run();
  await world.db
    .prepare(
      `INSERT OR REPLACE INTO sharing (license_id, trail, score, level, level_at, reasons, seen, scored_at)
       VALUES (?, '{}', 70, 'warn', 1, '[{"sentence":"Many machines."}]', '{"machines":9}', 1)`,
    )
    .bind(license.id)
    .run();
  await world.db
    .prepare(
      `INSERT OR REPLACE INTO anomaly_trails (license_id, trail, hour, score, has_baseline, reasons, alarm_hour,
         alarm_score, alarm_reasons, scored_at)
       VALUES (?, '{}', 490000, 0, 1, '[]', 489990, 70, '[{"sentence":"600 requests in the hour."}]', 1)`,
    )
    .bind(license.id)
    .run();
  await world.db
    .prepare(
      `INSERT INTO alerts (id, kind, subject, severity, level, state, details, count, needed, first_at, last_at)
       VALUES ('alr_1', 'cron_failed', 'payments', 'warning', 0, 'open', '{}', 3, 3, 1, 2)`,
    )
    .run();
  await world.db
    .prepare(
      `INSERT INTO webhook_deliveries (id, webhook_id, type, body, state, attempts, last_error, created_at)
       VALUES ('msg_1', 'whk_1', 'webhook.test', '{}', 'failed', 1, 'HTTP 500', ?)`,
    )
    .bind(Date.now())
    .run();
  values = { license: license.id };
}

// withValues: the text with the named defaults replaced.
function withValues(text) {
  return text.replace("'lic_...'", `'${values.license}'`);
}

for (const name of names) {
  const text = readFileSync(join(directory, name), "utf8");
  const comments = text.split("\n").filter((line) => line.startsWith("--"));
  const statement = text.replaceAll(/^--.*\n/gm, "").trim();

  test(`${name}: says what it is, and only reads`, () => {
    assert.match(name, /^[a-z_]+\.sql$/);
    assert.match(comments[0], /^-- [A-Z].*[.:]/);
    assert.match(statement, /^(SELECT|WITH parameter\([\w, ]+\) AS \(VALUES \([^()]+\)\)\nSELECT)\b/);
    assert.ok(!statement.includes(";"));
    assert.doesNotMatch(statement, /\b(INSERT|UPDATE|DELETE|REPLACE|DROP|CREATE|ALTER|PRAGMA)\b/);
  });

  test(`${name}: runs as it stands, and finds`, async () => {
    await world.db.prepare(text).all();
    const { results, meta } = await world.db.prepare(withValues(text)).all();
    assert.ok(results.length > 0, "no rows");
    assert.ok(Object.values(results[0]).some((value) => value !== null));
    assert.equal(meta.changes, 0);
    assert.doesNotMatch(JSON.stringify(results), /of-the-cookbook|sk-kimi|lk_admin_\w{10}/);
  });

  test(`${name}: gives over the API what it gives in the console, under the names that it lists`, async () => {
    const query = (await world.admin("GET", "/admin/queries")).body.data.find((one) => `${one.name}.sql` === name);
    const wanted = (await world.db.prepare(withValues(text)).all()).results;
    const parameters = Object.fromEntries(query.parameters.filter(({ required }) => required).map(({ name }) => [name, values[name]]));
    const { status, body } = await world.admin("POST", `/admin/queries/${query.name}`, { parameters });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.columns, query.columns.map((column) => column.name));
    assert.deepEqual(Object.keys(wanted[0]), body.columns);
    const shown = (value, { type }) => {
      if (value === null) return null;
      if (type === "integer") {
        assert.ok(Number.isInteger(value), `${value}`);
        return value;
      }
      return type === "time" ? value.replace(" ", "T").concat("Z") : String(value);
    };
    const rows = wanted.map((row) => query.columns.map((column) => shown(row[column.name], column)));
    assert.deepEqual(body.rows, rows);
    assert.equal(body.truncated, false);
    assert.ok(body.rows_read > 0);
    const patterns = { time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, date: /^\d{4}-\d\d-\d\d$/, usd: /^\d+\.\d{4}$/ };
    for (const [i, { type }] of query.columns.entries()) {
      for (const row of body.rows) if (row[i] !== null && patterns[type]) assert.match(row[i], patterns[type]);
    }
  });

  test(`${name}: uses an index, or says that it reads all`, async () => {
    const { results } = await world.db.prepare(`EXPLAIN QUERY PLAN ${statement}`).all();
    const scans = results
      .map(({ detail }) => /^SCAN (\w+)(?! USING (?:COVERING )?INDEX)/.exec(detail)?.[1])
      .filter((table) => tables.includes(table) || /^[a-z]$/.test(table ?? ""));
    const saysSo = comments.some((line) => /^-- Reads (all|the whole|the newest)/.test(line));
    const isSearch = results.some(({ detail }) => /^SEARCH/.test(detail));
    if (!saysSo) assert.ok(scans.length === 0 || (scans[0] === "s" && isSearch), results.map(({ detail }) => detail).join("\n"));
  });
}

test("the page on data lists them all, with what they say", () => {
  const page = readFileSync(join(root, "docs/data.md"), "utf8");
  for (const name of names) {
    const title = readFileSync(join(directory, name), "utf8").split("\n")[0].slice(3);
    const row = `| [\`${name.replace(".sql", "")}\`](../d1/cookbook/${name}) | ${title} |`;
    assert.ok(page.includes(row), row);
  }
  assert.ok(names.length >= 20);
});
