// What a history costs: ours on ten million events of use and five million audit rows (history.mjs) against ours on
// none, in paired rounds beside an A/A pair, and how long a dashboard then waits for each of its questions.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { rootPath } from "../../../scripts/lib/paths.mjs";
import { describeAnswer } from "./answers.mjs";
import { databaseOf, fillHistory, kHistory, kHistorySmoke, licenseId } from "./history.mjs";
import { exchange, requestBytes } from "./load.mjs";
import { median, round } from "./numbers.mjs";
import { aaFacts, makeRow } from "./report.mjs";
import { runPairedRound, runRounds, warmJit, warmUp } from "./rounds.mjs";
import { stopAllServers } from "./server.mjs";
import { checkReport, requestsOf } from "./usage.mjs";

const kDelivery = "plain";
const kEventsPerReport = 10;
const kAsked = 5; // times, after the first
export const kDashboardMsMax = 200;
// Its rate may be so much of the empty database's: 1.2 times slower.
export const kScaleRatioMin = 1 / 1.2;

// Whose rows are sums of a whole big table, whatever is asked of them.
const kReadsAll = new Set(["v_costs_by_license"]);
const kBigTables = ["usage_events", "usage_hourly", "usage_daily", "license_spend", "audit_log", "licenses", "machines"];

// What the dashboard asks, and the queries of wasm/store/queries that answer it.
function questions(license) {
  const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  return [
    ["/admin/usage?by=provider,model", "usage_sum_totals"],
    ["/admin/usage?by=day,provider,model", "usage_sum_totals"],
    ["/admin/usage?by=hour", "usage_sum_totals"],
    ["/admin/usage?by=hour_of_day,plan", "usage_sum_totals"],
    ["/admin/usage?by=weekday", "usage_sum_totals"],
    [`/admin/usage?by=day,provider,model,machine&license_id=${license}`, "usage_sum_daily"],
    [`/admin/usage?by=hour,model&license_id=${license}`, "usage_sum_hourly"],
    ["/admin/usage/daily?limit=100", "usage_daily_list"],
    [`/admin/usage/daily?limit=100&license_id=${license}`, "usage_daily_list_license"],
    ["/admin/usage/licenses", "license_spend_top"],
    [`/admin/usage/licenses?from=${day(1)}`, "license_spend_top"],
    ["/admin/usage/plans", "usage_plan_costs"],
    [`/admin/licenses/${license}/usage`, "license_spend_list"],
    [`/admin/licenses/${license}/anomaly`, "anomaly_show"],
    ["/admin/doctor", "metrics_service", "metrics_counts", "metrics_acts", "metrics_usage"],
    ["/admin/prices/unpriced", "usage_unpriced_list"],
    ["/admin/audit?limit=100", "audit_list", "audit_list_floor"],
    ["/admin/audit?limit=100&action=license.revised", "audit_list", "audit_list_floor"],
    [`/admin/audit?limit=100&license_id=${license}`, "audit_list", "audit_list_floor"],
    ["/admin/audit/checkpoints", "audit_checkpoint_list"],
    ["/admin/alerts", "alert_list"],
    ["/admin/alerts?state=open", "alert_list_by_state"],
    ["/admin/licenses?limit=100", "license_list"],
    ["/admin/licenses?limit=100&status=revoked", "license_list_by_status"],
    [`/admin/licenses/${license}`, "license_get"],
    [`/admin/licenses/${license}/history`, "license_history"],
    ["/admin/machines?limit=100", "machine_list_all"],
  ];
}

async function timed(server, ask) {
  const times = [];
  let cpu = null;
  for (let i = 0; i <= kAsked; i++) {
    if (i === 1) cpu = server.cpuMs();
    const begun = performance.now();
    await ask();
    times.push(performance.now() - begun);
  }
  const [first, ...warm] = times;
  return {
    first_ms: round(first, 1), best_ms: round(Math.min(...warm), 1), median_ms: round(median(warm), 1),
    max_ms: round(Math.max(...warm), 1), cpu_ms: cpu === null ? null : round((server.cpuMs() - cpu) / kAsked, 1),
  };
}

// An index that holds only what is wanted: to walk it is to read no more.
const kPartialIndex = /USING (?:COVERING )?INDEX licenses_behind_kv\b/;

// bigScans: the steps of a plan that walk a whole big table.
function bigScans(sql, plan) {
  const names = new Set(kBigTables);
  const aliases = new RegExp(`\\b(?:${kBigTables.join("|")})\\s+(?:AS\\s+)?([a-z]\\w*)`, "g");
  for (const [, alias] of sql.matchAll(aliases)) names.add(alias);
  return plan.filter((step) => names.has(/^SCAN (\w+)/.exec(step)?.[1]) && !kPartialIndex.test(step));
}

class Dashboard {
  constructor({ server, token }, path) {
    this.server = server;
    this.token = token;
    this.db = new DatabaseSync(path, { readOnly: true });
  }

  #plan(sql) {
    return this.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map(({ detail }) => detail);
  }

  async #askPath(path, names) {
    const request = requestBytes({ method: "GET", path, headers: { authorization: `Bearer ${this.token}` } });
    const times = await timed(this.server, async () => {
      const answer = await exchange(this.server.port, request);
      assert.equal(answer.status, 200, `${path}: ${describeAnswer(answer)}`);
    });
    const queries = names.map((name) => readFileSync(rootPath("wasm/store/queries", `${name}.sql`), "utf8"));
    const plan = queries.flatMap((sql) => this.#plan(sql));
    const scans = queries.flatMap((sql) => bigScans(sql, this.#plan(sql)));
    return { name: `GET ${path}`, kind: "api", ...times, plan, scans };
  }

  // #askSql: of a view's text the big tables are read from the plan of the view itself.
  async #askSql(name, kind, sql, text = sql) {
    const times = await timed(this.server, () => this.server.call("query", sql, 120_000));
    const plan = this.#plan(sql);
    return { name, kind, ...times, plan, scans: bigScans(text, plan) };
  }

  async measure() {
    const license = licenseId(77);
    const rows = [];
    for (const [path, ...names] of questions(license)) rows.push(await this.#askPath(path, names));
    const views = this.db.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'view' AND name LIKE 'v!_%' ESCAPE '!'").all();
    for (const { name, sql } of views) rows.push(await this.#askSql(name, "view", `SELECT * FROM ${name} LIMIT 100`, sql));
    for (const file of readdirSync(rootPath("d1/cookbook")).sort()) {
      const sql = readFileSync(rootPath("d1/cookbook", file), "utf8").replace("'lic_...'", `'${license}'`);
      rows.push(await this.#askSql(file, "cookbook", sql));
    }
    this.db.close();
    return rows.sort((a, b) => b.best_ms - a.best_ms);
  }
}

// violations: what the proof does not allow.
function violations(rows, dashboard) {
  const slow = rows.filter(({ ratio }) => ratio < kScaleRatioMin)
    .map(({ name, ratio }) => `${name} runs at ${ratio} of the empty database, less than ${kScaleRatioMin.toFixed(3)}`);
  const asked = dashboard.filter(({ name }) => !kReadsAll.has(name));
  // On a machine that is busy with other things the service's CPU time says how long the wait would be without them.
  const taken = ({ best_ms, cpu_ms }) => Math.min(best_ms, cpu_ms ?? best_ms);
  const late = asked.filter((row) => taken(row) > kDashboardMsMax)
    .map((row) => `${row.name} takes ${taken(row)} ms, more than ${kDashboardMsMax}`);
  const scans = dashboard.filter(({ kind, scans }) => kind === "api" && scans.length > 0)
    .map(({ name, scans }) => `${name} walks a whole table: ${scans.join(", ")}`);
  return [...slow, ...late, ...scans];
}

async function measureReports(contenders, options, progress) {
  progress("scale: warm-up of reports");
  for (const contender of contenders) {
    await warmJit(contender, requestsOf(options, contender.codes, options.warmup, kEventsPerReport), options);
  }
  const entries = [];
  for (let n = 0; n < options.rounds; n++) {
    for (const contender of contenders) {
      contender.requests = requestsOf(options, contender.codes, options.requests, kEventsPerReport);
    }
    const entry = await runPairedRound(contenders, contenders[0].requests, options, (_, answer) =>
      checkReport(answer, { events: kEventsPerReport }));
    entries.push(entry);
    const speeds = contenders.map(({ name }) => `${name} ${Math.round(entry[name].rps)}/s`).join(", ");
    progress(`round ${n + 1}/${options.rounds} reports: ${speeds}`);
  }
  return entries;
}

// start(name, stateDir, fill, options): one server, as main.mjs has it. Gives {rows, facts, dashboard, violations}.
export async function measureHistory(options, start, progress) {
  const size = options.smoke ? kHistorySmoke : kHistory;
  const directory = mkdtempSync(join(tmpdir(), "latchkey-history-"));
  try {
    let filled;
    const fill = async (stateDir) => {
      filled = fillHistory(size, stateDir, progress);
    };
    const contenders = [];
    for (const [name, filling] of [["floor", null], ["ours", fill], ["floor_again", null]]) {
      const contender = await start(name, join(directory, name), filling, options);
      await warmUp(contender, kDelivery, options);
      contenders.push({ ...contender, name });
    }
    const provision = await runRounds(contenders, [kDelivery], options, progress);
    const reports = await measureReports(contenders, options, progress);
    const rows = [
      makeRow("provision_history", provision[kDelivery], { answerBytes: null }),
      makeRow("usage_report_10_history", reports, { answerBytes: null }),
    ];
    const provisionAa = aaFacts(provision);
    const { aa_ratio, aa_ratio_min, aa_ratio_max } = aaFacts({ reports });
    const facts = {
      ...provisionAa, report_aa_ratio: aa_ratio, report_aa_ratio_min: aa_ratio_min, report_aa_ratio_max: aa_ratio_max,
      history_events: size.events, history_audit_rows: size.auditRows, history_seconds_to_write: filled.seconds,
      history_bytes: filled.bytes,
    };
    progress("scale: asking what a dashboard asks");
    const ours = contenders.find(({ name }) => name === "ours");
    const dashboard = await new Dashboard(ours, databaseOf(join(directory, "ours"))).measure();
    return { rows, facts, dashboard, violations: options.smoke ? [] : violations(rows, dashboard) };
  } finally {
    await stopAllServers();
    rmSync(directory, { recursive: true, force: true });
  }
}

export function printDashboard(rows) {
  const columns = ["first_ms", "best_ms", "median_ms", "max_ms", "cpu_ms"];
  console.log(`\nwhat a dashboard asks, slowest first: the first time, then the best, the median and the worst of ${kAsked} more\n`);
  const width = Math.min(96, Math.max(...rows.map(({ name }) => name.length)));
  const cell = (value) => String(value ?? "-").padStart(10);
  console.log("".padEnd(width) + columns.map(cell).join(""));
  for (const row of rows) {
    const whole = row.scans.length > 0 ? `  ${row.scans.join(", ")}` : "";
    console.log(row.name.slice(0, width).padEnd(width) + columns.map((name) => cell(row[name])).join("") + whole);
  }
}
