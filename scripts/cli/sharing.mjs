// latchkey sharing ...: licences that look as if more people used them than they have seats for.
import { DRY_RUN, dryQuery, saidDry } from "./dry_run.mjs";
import { UsageError } from "./errors.mjs";
import { licensePath } from "./license_view.mjs";
import { cell, hint, plain, print, printFields, printJson, Table, when } from "./output.mjs";

const LEVELS = ["warn", "throttle", "suspend"];
const IGNORE_DAYS_MAX = 365;
const BAR_CHARS = 20;

// bar: a score as a bar of at most BAR_CHARS characters.
export function bar(score) {
  const filled = Math.round((Math.min(Math.max(Number(score) || 0, 0), 100) / 100) * BAR_CHARS);
  return "#".repeat(filled).padEnd(BAR_CHARS, ".");
}

function policyText(policy) {
  return LEVELS.map((level) => `${level} ${policy?.[level] ?? "never"}`).join(", ");
}

function seenText({ seats, machines, refused, countries, networks, days }) {
  return `${machines} machines on ${seats} seats (${refused} refused), ${networks} networks, ${countries} countries, ${days} days`;
}

function printSharing(row, json) {
  if (json) return printJson(row);
  printFields([
    ["licence", cell(row.license_id)],
    ["score", `${bar(row.score)} ${cell(row.score)}`],
    ["level", row.level_since ? `${cell(row.level)} since ${when(row.level_since)}` : cell(row.level)],
    ["status", cell(row.status)],
    ["policy", policyText(row.policy)],
    ["requests an hour", cell(row.requests_per_hour)],
    ["seen", seenText(row.seen)],
    ["scored", when(row.scored_at)],
    ["ignored until", when(row.ignored_until)],
  ]);
  for (const { points, sentence } of row.reasons) print(`  +${String(points).padEnd(3)} ${plain(sentence)}`);
}

async function list({ values, makeClient, json }) {
  const query = {};
  if (values.level !== undefined) {
    if (!LEVELS.includes(values.level)) throw new UsageError(`--level must be ${LEVELS.join(", ")}.`);
    query.level = values.level;
  }
  const table = new Table([
    ["LICENCE", (row) => cell(row.license_id)],
    ["CODE", (row) => cell(row.code_hint)],
    ["PLAN", (row) => cell(row.plan)],
    ["STATUS", (row) => cell(row.status)],
    ["SCORE", (row) => `${bar(row.score)} ${cell(row.score)}`],
    ["LEVEL", (row) => cell(row.level)],
    ["WHY", (row) => cell(row.reasons[0]?.sentence)],
  ]);
  let count = 0;
  for await (const rows of makeClient().pages("/admin/sharing", query)) {
    if (json) rows.forEach(printJson);
    else if (rows.length > 0) table.add(rows);
    count += rows.length;
  }
  if (!json) hint(count === 1 ? "1 licence." : `${count} licences.`);
}

async function show({ positionals, makeClient, json }) {
  printSharing(await makeClient().get(`${licensePath(positionals[0])}/sharing`), json);
}

function ignoreDays(text) {
  const days = /^(\d{1,3})d$/.exec(text)?.[1];
  if (days === undefined || Number(days) > IGNORE_DAYS_MAX) {
    throw new UsageError(`--ignore must be a number of days from 0d to ${IGNORE_DAYS_MAX}d, for instance 30d.`);
  }
  return Number(days);
}

async function clear({ values, positionals, makeClient, json }) {
  const payload = values.ignore === undefined ? {} : { ignore_days: ignoreDays(values.ignore) };
  const path = `${licensePath(positionals[0])}/sharing/clear${dryQuery(values)}`;
  const row = await makeClient().send("POST", path, payload, { repeatable: true });
  printSharing(row, json);
  if (!saidDry(values) && row.status === "suspended") {
    hint(`It is still suspended: latchkey license reinstate ${plain(row.license_id)}`);
  }
}

export const sharingVerbs = [
  {
    name: "sharing list",
    summary: "list licences that look shared, highest score first",
    options: { level: { type: "string", value: "LEVEL", help: "only those at warn, throttle or suspend" } },
    run: list,
  },
  {
    name: "sharing show",
    arguments: "LICENSE",
    positionals: ["LICENSE"],
    summary: "show how much a licence looks shared, and why",
    run: show,
  },
  {
    name: "sharing clear",
    arguments: "LICENSE",
    positionals: ["LICENSE"],
    summary: "say that a licence is fine: forget what was seen, lift its throttle",
    details: "It reinstates nothing: a suspended licence takes latchkey license reinstate too.",
    options: {
      ignore: { type: "string", value: "DAYS", help: "look away for so long, for instance 30d" },
      ...DRY_RUN,
    },
    run: clear,
  },
];
