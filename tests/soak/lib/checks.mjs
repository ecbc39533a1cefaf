// The verdict: what the database, and the log of memory, say against what the clients know. Pure: each gives a list of
// sentences, which is empty where all is well.

import { costOf } from "./cost.mjs";

const kExamplesMax = 5;
const kHourMs = 3_600_000;
const kDayMs = 86_400_000;
const kTileRecords = 256;
const kPageBytes = 65_536;

// Memory may take so much more late in a run than early in it: a request of a size that did not come before.
export const kMemoryGrowthPagesMax = 16;
// A run that a kill ended sooner than this says nothing about memory.
export const kMemoryRunMsMin = 8_000;

class Findings {
  list = [];

  // add: one sentence for all of one sort, with some examples.
  add(what, examples) {
    if (examples.length === 0) return;
    const more = examples.length > kExamplesMax ? `, and ${examples.length - kExamplesMax} more` : "";
    this.list.push(`${what}: ${examples.slice(0, kExamplesMax).join(", ")}${more}`);
  }
}

const columns = ["requests", "input_tokens", "output_tokens", "cached_input_tokens", "reasoning_tokens", "cost", "unpriced"];

const sameEvent = (row, event) =>
  row.license_id === event.license_id && row.plan === event.plan && row.provider === event.provider &&
  row.model === event.model && row.at === event.at && row.input_tokens === event.input &&
  row.output_tokens === event.output && row.cached_input_tokens === event.cached &&
  row.reasoning_tokens === event.reasoning;

function checkEvents(rows, book, findings) {
  const times = new Map();
  const [strange, changed, dear, unlike] = [[], [], [], []];
  const clientOf = new Map();
  for (const row of rows) {
    const event = book.events.get(row.event_id);
    times.set(row.event_id, (times.get(row.event_id) ?? 0) + 1);
    if (!event) {
      strange.push(row.event_id);
      continue;
    }
    if (!sameEvent(row, event)) changed.push(row.event_id);
    if ((row.cost === null ? null : BigInt(row.cost)) !== event.cost) {
      dear.push(`${row.event_id} (${row.cost}, by the table ${event.cost})`);
    }
    if ((clientOf.get(row.machine_id) ?? event.client) !== event.client) unlike.push(row.event_id);
    clientOf.set(row.machine_id, event.client);
  }
  const ids = [...book.events.keys()];
  findings.add("events that no client sent", strange);
  findings.add("events stored twice", [...times].filter(([, count]) => count > 1).map(([id]) => id));
  findings.add("events lost though acknowledged", ids.filter((id) => book.events.get(id).acknowledged && !times.has(id)));
  findings.add("events never acknowledged", ids.filter((id) => !book.events.get(id).acknowledged));
  findings.add("events stored otherwise than sent", changed);
  findings.add("events at another cost than the table of prices says", dear);
  findings.add("events of one client under another's machine", unlike);
  return new Map([...clientOf].map(([machine, client]) => [client, machine]));
}

// sumBy: key of an event to its sums in the order of `columns`.
function sumBy(events, keyOf) {
  const sums = new Map();
  for (const event of events) {
    const key = keyOf(event);
    const sum = sums.get(key) ?? columns.map(() => 0n);
    const { input, output, cached, reasoning, cost } = event;
    const values = [1, input, output, cached, reasoning, cost ?? 0n, cost === null ? 1 : 0];
    sums.set(key, sum.map((value, i) => value + BigInt(values[i])));
  }
  return sums;
}

function checkTable(rows, keys, shown, expected, name, findings) {
  const text = (sum) => shown.map((column) => `${column} ${sum[columns.indexOf(column)]}`).join(" ");
  const rest = new Map(expected);
  const wrong = [];
  for (const row of rows) {
    const key = keys.map((column) => row[column]).join(" ");
    const found = text(columns.map((column) => row[column] ?? 0));
    const want = rest.has(key) ? text(rest.get(key)) : "no row";
    if (found !== want) wrong.push(`${key} (has ${found}, the clients ${want})`);
    rest.delete(key);
  }
  findings.add(`sums of ${name} that are not the clients'`, wrong);
  findings.add(`sums missing in ${name}`, [...rest.keys()]);
}

function checkSums(db, book, machineOf, findings) {
  const events = [...book.events.values()].filter(({ acknowledged }) => acknowledged);
  const machine = (event) => machineOf.get(event.client) ?? "?";
  const hour = ({ at }) => Math.floor(at / kHourMs);
  const day = ({ at }) => Math.floor(at / kDayMs);
  const model = (event) => `${event.provider} ${event.model}`;
  const tables = [
    ["license_spend", ["license_id", "day"], ["requests", "cost", "unpriced"], (e) => `${e.license_id} ${day(e)}`],
    ["usage_hourly", ["license_id", "hour", "provider", "model", "machine_id"], columns,
      (e) => `${e.license_id} ${hour(e)} ${model(e)} ${machine(e)}`],
    ["usage_daily", ["license_id", "day", "provider", "model", "machine_id"], columns,
      (e) => `${e.license_id} ${day(e)} ${model(e)} ${machine(e)}`],
    ["usage_totals", ["hour", "plan", "provider", "model"], columns, (e) => `${hour(e)} ${e.plan} ${model(e)}`],
  ];
  for (const [name, keys, shown, keyOf] of tables) {
    checkTable(db.prepare(`SELECT * FROM ${name}`).all(), keys, shown, sumBy(events, keyOf), name, findings);
  }
  const { rolled, newest } = db.prepare(`SELECT usage_rolled_seq AS rolled,
    (SELECT ifnull(max(seq), 0) FROM usage_events) AS newest FROM state`).get();
  if (rolled !== newest) findings.add("events that cron did not add up", [`${newest - rolled}`]);
}

function checkAudit(db, book, findings) {
  const rows = db.prepare("SELECT seq, at, request_id, item, action, license_id FROM audit_log ORDER BY seq").all();
  const gaps = [];
  const grants = new Map();
  const acts = new Map();
  const revokedAt = new Map();
  const [twice, late, seen] = [[], [], new Set()];
  for (const [index, { seq, at, request_id, item, action, license_id }] of rows.entries()) {
    const before = index === 0 ? 0 : rows[index - 1].seq;
    if (seq !== before + 1) gaps.push(`between ${before} and ${seq}`);
    if (seen.has(`${request_id} ${item}`)) twice.push(request_id);
    seen.add(`${request_id} ${item}`);
    acts.set(`${action} ${license_id}`, (acts.get(`${action} ${license_id}`) ?? 0) + 1);
    if (action === "license.revoked") revokedAt.set(license_id, at);
    if (action !== "provision.granted") continue;
    grants.set(request_id, license_id);
    if (at > revokedAt.get(license_id)) late.push(`${license_id} (seq ${seq})`);
  }
  findings.add("gaps in the audit log", gaps);
  findings.add("audit rows stored twice", twice);
  findings.add("grants after a revocation", late);
  findings.add("keys handed out without an audit row",
    book.provisions.filter(({ request_id, license_id }) => grants.get(request_id) !== license_id)
      .map(({ request_id }) => request_id));
  const notOnce = (ids, action) => ids.filter((id) => acts.get(`${action} ${id}`) !== 1);
  findings.add("licences made without just one audit row", notOnce(book.created, "license.created"));
  findings.add("licences revoked without just one audit row", notOnce([...book.revoked], "license.revoked"));
  const nodes = new Set(db.prepare("SELECT number FROM audit_nodes WHERE level = 8").all().map(({ number }) => number));
  const tiles = Array.from({ length: Math.floor(rows.length / kTileRecords) }, (_, i) => i);
  findings.add("tiles of the audit tree that cron did not hash", tiles.filter((tile) => !nodes.has(tile)));
}

function checkLicenses(db, book, findings) {
  const status = new Map(db.prepare("SELECT id, status FROM licenses").all().map((row) => [row.id, row.status]));
  findings.add("licences lost though their making was answered", book.created.filter((id) => !status.has(id)));
  findings.add("licences that are not revoked though that was answered",
    [...book.revoked].filter((id) => status.get(id) !== "revoked"));
  const idle = db.prepare(`SELECT m.id FROM machines m WHERE NOT EXISTS (SELECT 1 FROM audit_log a
    WHERE a.license_id = m.license_id AND a.machine_hash = m.machine_hash AND a.action = 'provision.granted')`).all();
  findings.add("seats that nobody was granted", idle.map(({ id }) => id));
}

// databaseViolations: of D1's file, once every client is done and cron has run. `book`: a Book.
export function databaseViolations(db, book) {
  const findings = new Findings();
  const { integrity_check: state } = db.prepare("PRAGMA integrity_check").get();
  if (state !== "ok") findings.add("the file is damaged", [state]);
  const machineOf = checkEvents(db.prepare("SELECT * FROM usage_events ORDER BY seq").all(), book, findings);
  checkSums(db, book, machineOf, findings);
  checkAudit(db, book, findings);
  checkLicenses(db, book, findings);
  return findings.list;
}

// recordEvent: an event of a report as the book has it, priced apart from the service.
export function recordEvent(license_id, client, plan, { provider, model, at, input, output, cached, reasoning }) {
  const event = { license_id, client, plan, provider, model, at, input, output, cached, reasoning, acknowledged: false };
  return { ...event, cost: costOf(event) };
}

// sizeAt: linear memory at a moment from the first record on; the first where that is late.
function sizeAt(grown, moment) {
  return (grown.findLast(({ at }) => at <= moment) ?? grown[0]).bytes;
}

// memoryViolations: of runs {begunAt, endedAt, grown: [{at, bytes}]}, each a life of the service between two kills.
export function memoryViolations(runs) {
  const judged = [...runs.entries()].filter(([, { begunAt, endedAt }]) => endedAt - begunAt >= kMemoryRunMsMin);
  if (judged.length === 0) return [`memory: no run lasted ${kMemoryRunMsMin} ms, so nothing was seen`];
  const found = [];
  for (const [index, { endedAt, grown }] of judged) {
    const number = index + 1;
    if (grown.length === 0) {
      found.push(`memory: run ${number} wrote no record of it`);
      continue;
    }
    const begunAt = grown[0].at; // There is an instance from the first request on.
    const early = sizeAt(grown, begunAt + (endedAt - begunAt) / 3);
    const late = sizeAt(grown, endedAt);
    if (late - early > kMemoryGrowthPagesMax * kPageBytes) {
      found.push(`memory: run ${number} went on growing, from ${early} bytes in its first third to ${late}`);
    }
  }
  return found;
}
