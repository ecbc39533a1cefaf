// A database with a history: 50,000 licences that used models for 36 days, in reports of ten events, and an audit log,
// written straight into SQLite's file. Its sums agree with its events. The nodes of its audit tree are noise: nobody who
// only asks can tell.

import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export const kHistory = { licenses: 50_000, events: 10_000_000, auditRows: 5_000_000 };
export const kHistorySmoke = { licenses: 500, events: 20_000, auditRows: 10_000 };

const kEventsPerReport = 10;
const kMachinesEach = 2;
const kSpanMs = 36 * 86_400_000;
const kTileRecords = 256;
const kAlerts = 5_000;
// Of each report half the events are of one model and half of another, of which every fifth licence's has no price.
const kOtherProvider = "CASE l % 5 WHEN 0 THEN 'mistral' WHEN 1 THEN 'qwen' WHEN 2 THEN 'kimi' WHEN 3 THEN 'zhipu' ELSE 'mistral' END";
const kOtherModel = `CASE l % 5 WHEN 0 THEN 'mistral-large-2512' WHEN 1 THEN 'qwen-max' WHEN 2 THEN 'moonshot-v1-8k'
  WHEN 3 THEN 'glm-4.6' ELSE 'made-up-by-the-bench' END`;

export function databaseOf(stateDir) {
  const directory = join(stateDir, "v3/d1/miniflare-D1DatabaseObject");
  const file = readdirSync(directory).find((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  return join(directory, file);
}

export const licenseId = (number) => `lic_${String(number).padStart(26, "0")}`;

const count = (name, from, to) => `${name}(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM ${name} WHERE i < ${to})`;

// One row a report: r its number, l its licence, k its turn, t its time.
function reports({ licenses, events }, now) {
  const perLicense = events / kEventsPerReport / licenses;
  const each = Math.floor(kSpanMs / (licenses * perLicense));
  return { perLicense, sql: (order) => `
    SELECT k * ${licenses} + l AS r, l, k, ${now - kSpanMs} + (k * ${licenses} + l) * ${each} AS t FROM
    ${order === "time" ? "turns CROSS JOIN owners" : "owners CROSS JOIN turns"}` };
}

// statements: [what they write, SQL]. Every table in the order of its key, which is what makes it quick.
function statements(size, now) {
  const { licenses, events, auditRows } = size;
  const { perLicense, sql } = reports(size, now);
  const lists = `${count("turn", 0, perLicense - 1)}, turns(k) AS MATERIALIZED (SELECT i FROM turn),
    ${count("owner", 0, licenses - 1)}, owners(l) AS MATERIALIZED (SELECT i FROM owner),
    ${count("place", 0, kEventsPerReport - 1)}, places(j) AS MATERIALIZED (SELECT i FROM place)`;
  const license = "printf('lic_%026d', l)";
  const machine = `printf('mch_%026d', l * ${kMachinesEach} + k % ${kMachinesEach})`;
  // What the five events of a model come to, and the last of their numbers.
  const half = kEventsPerReport / 2;
  const halves = `SELECT 0 AS odd, ${half * 1_000} AS input, ${half * 300} AS output, ${half * 660_000} AS cost
    UNION ALL SELECT 1, ${half * 2_000}, ${half * 600}, ${half * 1_900_000}`;
  const sums = (time) => `SELECT ${license}, t / ${time}, iif(odd, ${kOtherProvider}, 'deepseek'),
    iif(odd, ${kOtherModel}, 'deepseek-chat'), ${machine}, ${half}, input, output, input / 5, 0,
    iif(odd AND l % 5 = 4, 0, cost), iif(odd AND l % 5 = 4, ${half}, 0), r * ${kEventsPerReport} + ${kEventsPerReport - 1} + odd
    FROM (${sql("license")}) CROSS JOIN (${halves})`;
  return [
    [`${licenses} licences, ${licenses * kMachinesEach} machines`, `
      WITH ${count("n", 0, licenses - 1)}
      INSERT INTO licenses (id, code_hash, code_hint, kind, plan, plan_version, providers, deliveries,
        max_machines, status, expires_at, version, kv_version, created_at, updated_at)
      SELECT printf('lic_%026d', i), substr(hex(randomblob(22)), 1, 43), 'WF-FILL...', 'generated', p.name, p.version,
        p.providers, p.deliveries, p.max_machines, iif(i % 20, 'active', 'revoked'), 1900000000000 + i, 1, 1,
        ${now - kSpanMs}, ${now - kSpanMs}
      FROM n, plans p WHERE p.name = 'pro' AND p.version = 1;
      WITH ${count("n", 0, licenses * kMachinesEach - 1)}
      INSERT INTO machines (license_id, machine_hash, id, first_seen_at, last_seen_at, seated_at, country, app_version,
        ring_version, secrets_tag)
      SELECT printf('lic_%026d', i / ${kMachinesEach}), substr(hex(randomblob(22)), 1, 43), printf('mch_%026d', i),
        ${now - kSpanMs}, ${now} - i, ${now - kSpanMs}, substr('DEFRUSRUIN', 1 + 2 * (i % 5), 2), '1.' || (i % 7), 1,
        '------------------------------------------------' FROM n`],
    [`${events} events of use`, `
      WITH ${lists}
      INSERT INTO usage_events (seq, license_id, event_id, machine_id, plan, report, at, received_at, provider, model,
        input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost, price_version)
      SELECT r * ${kEventsPerReport} + j + 1, ${license}, printf('%012d-0000-4000-8000-%012d', r, j), ${machine}, 'pro', r, t, t + 60000,
        iif(j % 2, ${kOtherProvider}, 'deepseek'), iif(j % 2, ${kOtherModel}, 'deepseek-chat'),
        1000 + 1000 * (j % 2), 300 + 300 * (j % 2), 200 + 200 * (j % 2), 0,
        iif(j % 2, iif(l % 5 = 4, NULL, 1900000), 660000), 0
      FROM (${sql("time")}) CROSS JOIN places`],
    ["their sums", `
      WITH ${lists}
      INSERT INTO license_spend SELECT ${license}, t / 86400000, ${kEventsPerReport},
        ${half * 660_000} + iif(l % 5 = 4, 0, ${half * 1_900_000}), iif(l % 5 = 4, ${half}, 0), (r + 1) * ${kEventsPerReport}
      FROM (${sql("license")});
      WITH ${lists} INSERT INTO usage_hourly ${sums(3_600_000)};
      WITH ${lists} INSERT INTO usage_daily ${sums(86_400_000)};
      INSERT INTO usage_totals SELECT hour, 'pro', provider, model, sum(requests), sum(input_tokens), sum(output_tokens),
        sum(cached_input_tokens), sum(reasoning_tokens), sum(cost), sum(unpriced), max(seq)
      FROM usage_hourly GROUP BY hour, provider, model;
      UPDATE state SET usage_rolled_seq = ${events}`],
    [`${auditRows} audit rows`, `
      DELETE FROM audit_log;
      WITH ${count("n", 1, auditRows)}
      INSERT INTO audit_log (seq, at, request_id, item, action, outcome, reason, actor, license_id, machine_hash,
        address_hash, country, user_agent, details)
      SELECT i, ${now - kSpanMs} + i * (${kSpanMs} / ${auditRows}), printf('req_%026d', i), 0,
        CASE i % 50 WHEN 0 THEN 'license.revised' WHEN 1 THEN 'admin.denied' WHEN 2 THEN 'provision.denied'
          WHEN 3 THEN 'provision.denied' ELSE 'provision.granted' END,
        CASE i % 50 WHEN 0 THEN 'done' WHEN 1 THEN 'denied' WHEN 2 THEN 'denied' WHEN 3 THEN 'denied' ELSE 'granted' END,
        CASE i % 50 WHEN 1 THEN 'wrong_token' WHEN 2 THEN 'unknown_license' WHEN 3 THEN 'rate_limited' END,
        CASE i % 50 WHEN 0 THEN 'admin:bench' WHEN 1 THEN 'admin' ELSE 'client' END,
        CASE i % 50 WHEN 1 THEN NULL WHEN 2 THEN NULL ELSE printf('lic_%026d', i % ${licenses}) END,
        printf('%043d', i % ${licenses * kMachinesEach}), printf('%043d', i % 9973), 'DE', 'latchkey-bench',
        '{"app_version":"1.4.2","delivery":"plain","key_versions":{"deepseek":1,"kimi":1,"mistral":1,"qwen":1}}' FROM n;
      WITH ${count("n", 0, Math.max(0, Math.floor(auditRows / kTileRecords) - 1))}
      INSERT INTO audit_nodes SELECT 8, i, substr(hex(randomblob(22)), 1, 43) || '=' FROM n`],
    [`${kAlerts} alerts`, `
      WITH ${count("n", 1, kAlerts)}
      INSERT INTO alerts (id, kind, subject, severity, level, state, details, count, needed, first_at, last_at, resolved_at)
      SELECT printf('alr_%026d', i), 'budget_threshold', printf('lic_%026d', i), 'warning', 80,
        iif(i % 5, 'resolved', 'open'), '{}', 1, 1, ${now} - i, ${now} - i, iif(i % 5, ${now} - i, NULL) FROM n`],
  ];
}

// checkSums: a few licences' sums against their events, and everybody's against how many there are.
function checkSums(db, { licenses, events }) {
  const sql = `SELECT (SELECT count(*) || ' ' || sum(cost) FROM usage_events WHERE license_id = ?1) AS events,
    (SELECT sum(requests) || ' ' || sum(cost) FROM usage_hourly WHERE license_id = ?1) AS hourly,
    (SELECT sum(requests) || ' ' || sum(cost) FROM usage_daily WHERE license_id = ?1) AS daily,
    (SELECT sum(requests) || ' ' || sum(cost) FROM license_spend WHERE license_id = ?1) AS spend`;
  for (const number of [0, 4, licenses - 1]) {
    const { events: stored, ...sums } = db.prepare(sql).get(licenseId(number));
    for (const [name, sum] of Object.entries(sums)) assert.equal(sum, stored, name);
  }
  assert.equal(db.prepare("SELECT sum(requests) AS value FROM usage_totals").get().value, events);
  assert.equal(db.prepare("SELECT max(seq) AS value FROM usage_events").get().value, events);
}

// fillHistory: gives {seconds, bytes}.
export function fillHistory(size, stateDir, progress) {
  const path = databaseOf(stateDir);
  const db = new DatabaseSync(path);
  const begun = performance.now();
  try {
    // Nobody else has the file open, and what a crash leaves is thrown away.
    db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA cache_size = -4000000`);
    for (const [what, sql] of statements(size, Date.now())) {
      const from = performance.now();
      db.exec(`BEGIN; ${sql}; COMMIT`);
      progress(`scale: wrote ${what} in ${((performance.now() - from) / 1000).toFixed(1)} s`);
    }
    checkSums(db, size);
  } finally {
    db.close();
  }
  return { seconds: Math.round((performance.now() - begun) / 1000), bytes: statSync(path).size };
}
