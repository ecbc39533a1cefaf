// latchkey license change, history and the acts on many licences at once.
import { wholeNumber } from "./args.mjs";
import { DRY_RUN, dryQuery, saidDry } from "./dry_run.mjs";
import { UsageError } from "./errors.mjs";
import { licensePath, listTable, printLicense, STATUSES } from "./license_view.mjs";
import { cell, hint, printJson, Table, when } from "./output.mjs";

const words = (text) => text.split(",").map((word) => word.trim()).filter(Boolean);

const BUDGETS = ["daily", "monthly", "total"];

function revisionOf(values) {
  const revision = {};
  // each: null for the word that gives the override back to the plan.
  const each = (flag, member, read) => {
    if (values[flag] !== undefined) revision[member] = values[flag] === "plan" ? null : read(values[flag]);
  };
  each("max-machines", "max_machines", (text) => wholeNumber("max-machines", text, 1, 1000));
  each("providers", "providers", words);
  each("deliveries", "deliveries", words);
  each("expires-at", "expires_at", (text) => text);
  each("enforcement", "enforcement", (text) => text);
  const spans = BUDGETS.filter((name) => values[`budget-${name}`] !== undefined);
  if (values.budget !== undefined) {
    if (values.budget !== "plan") throw new UsageError("--budget must be 'plan'; set limits with --budget-daily and the like.");
    if (spans.length > 0) throw new UsageError("--budget plan excludes the other --budget-... flags.");
    revision.budget = null;
  }
  if (spans.length > 0) {
    const amount = (name) => (values[`budget-${name}`] === "none" ? null : values[`budget-${name}`]);
    revision.budget = Object.fromEntries(spans.map((name) => [name, amount(name)]));
  }
  if (values.note !== undefined) revision.note = values.note === "" ? null : values.note;
  if (values.plan !== undefined) revision.plan = values.plan;
  if (Object.keys(revision).length === 0) throw new UsageError("Nothing to change: name at least one flag.");
  return revision;
}

async function change({ values, positionals, makeClient, json }) {
  const revision = revisionOf(values);
  const path = `${licensePath(positionals[0])}${dryQuery(values)}`;
  const license = await makeClient().send("PATCH", path, revision, { repeatable: true });
  if (json) return printJson(license);
  printLicense(license);
  saidDry(values);
}

async function history({ values, positionals, makeClient, json }) {
  const limit = values.limit === undefined ? Infinity : wholeNumber("limit", values.limit, 1, 100_000_000);
  const table = new Table([
    ["AT (UTC)", (row) => when(row.at)],
    ["ACTION", (row) => cell(row.action)],
    ["STATUS", (row) => cell(row.status)],
    ["REASON", (row) => cell(row.reason)],
    ["ACTOR", (row) => cell(row.actor)],
    ["REQUEST", (row) => cell(row.request_id)],
  ]);
  for await (const rows of makeClient().pages(`${licensePath(positionals[0])}/history`, {}, { limit })) {
    if (json) rows.forEach(printJson);
    else if (rows.length > 0) table.add(rows);
  }
}

export const FILTER_OPTIONS = {
  all: { type: "boolean", help: "all licences that the filters find, instead of one LICENSE" },
  status: { type: "string", value: "STATUS", choices: STATUSES, help: `with --all: ${STATUSES.join(", ")}` },
  plan: { type: "string", value: "PLAN", help: "with --all: of this plan" },
  "never-provisioned": { type: "boolean", help: "with --all: never used to fetch keys" },
  "expires-before": { type: "string", value: "TIME", help: "with --all: that end before" },
  yes: { type: "boolean", help: "with --all: do it; without, only show what it would do" },
};

function filterOf(values) {
  const filter = {};
  if (values.status !== undefined) {
    if (!STATUSES.includes(values.status))
      throw new UsageError(`--status must be one of: ${STATUSES.join(", ")}.`);
    filter.status = values.status;
  }
  if (values.plan !== undefined) filter.plan = values.plan;
  if (values["never-provisioned"]) filter.never_provisioned = true;
  if (values["expires-before"] !== undefined) filter.expires_before = values["expires-before"];
  return filter;
}

// runBulk: asks how many there are, and with --yes goes through them slice by slice.
export async function runBulk({ values, makeClient, json }, act) {
  const client = makeClient();
  const payload = { filter: filterOf(values), ...act };
  if (values.reason !== undefined) payload.reason = values.reason;
  const preview = await client.send("POST", "/admin/licenses/bulk?dry_run=1", payload, { repeatable: true });
  const isReal = values.yes === true && values["dry-run"] !== true;
  hint(`${preview.matched} licences found.`);
  if (!isReal) {
    if (json) return printJson(preview);
    if (preview.sample.length > 0) listTable().add(preview.sample);
    hint("Nothing was changed. These are the first, as they would be: do it with --yes.");
    return undefined;
  }
  const total = { matched: preview.matched, changed: 0, skipped: 0 };
  let after = null;
  let left = preview.matched;
  while (left > 0) {
    const slice = { ...payload, expected_count: left, ...(after !== null && { after }) };
    const report = await client.send("POST", "/admin/licenses/bulk", slice);
    total.changed += report.changed;
    total.skipped += report.skipped;
    left -= report.changed + report.skipped;
    hint(`Done ${preview.matched - left} of ${preview.matched}.`);
    after = report.next;
    if (after === null) break;
  }
  if (json) return printJson(total);
  hint(`${total.changed} changed, ${total.skipped} left as they were.`);
  return undefined;
}

function noFilters(values) {
  const given = Object.keys(FILTER_OPTIONS).filter((name) => values[name] !== undefined);
  if (given.length > 0) throw new UsageError(`--${given[0]} goes with --all.`);
}

// oneOrAll: a verb on LICENSE, or with --all on what the filters find.
export function oneOrAll(context, act, one) {
  const { values, positionals } = context;
  if (values.all) {
    if (positionals.length > 0) throw new UsageError("--all excludes LICENSE.");
    return runBulk(context, act);
  }
  noFilters(values);
  if (positionals.length === 0) throw new UsageError("Name a LICENSE, or --all and what it is to find.");
  return one();
}

function extendAct(values) {
  if ((values.days === undefined) === (values["expires-at"] === undefined))
    throw new UsageError("Give --days or --expires-at, one of them.");
  if (values.days !== undefined) return { act: "extend", days: wholeNumber("days", values.days, 1, 36_500) };
  return { act: "extend", expires_at: values["expires-at"] };
}

function requireAll(values) {
  if (!values.all) throw new UsageError("This goes with --all; for one licence: latchkey license change.");
}


export const licenseChangeVerbs = [
  {
    name: "license change",
    arguments: "LICENSE",
    positionals: ["LICENSE"],
    summary: "give a licence other terms than its plan's, or another plan",
    details: "The word 'plan' as a value gives that term back to the plan. Moved to another plan, it keeps its own terms.",
    options: {
      "max-machines": { type: "string", value: "N", help: "seats; machines above a lower number keep theirs" },
      providers: { type: "string", value: "A,B", help: "whose keys it gets" },
      deliveries: { type: "string", value: "A,B", help: "fernet, hpke, plain" },
      "expires-at": { type: "string", value: "TIME", help: "a date, an RFC 3339 time or 'never'" },
      "budget-daily": { type: "string", value: "USD", help: "what it may cost in a day, or 'none'; these replace all of the plan's" },
      "budget-monthly": { type: "string", value: "USD", help: "the same in a month" },
      "budget-total": { type: "string", value: "USD", help: "the same all in all" },
      budget: { type: "string", value: "plan", help: "gives the limits back to the plan" },
      enforcement: { type: "string", value: "track|warn|block", help: "what happens over budget" },
      note: { type: "string", value: "TEXT", help: "a note for admins; empty takes it away" },
      plan: { type: "string", value: "PLAN", help: "on to the newest version of this plan" },
      ...DRY_RUN,
    },
    run: change,
  },
  {
    name: "license history",
    arguments: "LICENSE",
    positionals: ["LICENSE"],
    summary: "list what was done to a licence, newest first",
    options: { limit: { type: "string", value: "N", help: "at most so many (default: all)" } },
    run: history,
  },
  {
    name: "license extend",
    summary: "let licences end later",
    details: "With --days each ends so much later, counted from today where it has ended. One without an end is left.",
    options: {
      ...FILTER_OPTIONS,
      days: { type: "string", value: "N", help: "so many days later" },
      "expires-at": { type: "string", value: "TIME", help: "until then" },
      reason: { type: "string", value: "WORD", help: "why, for the audit log" },
      ...DRY_RUN,
    },
    run: (context) => {
      requireAll(context.values);
      return runBulk(context, extendAct(context.values));
    },
  },
  {
    name: "license replan",
    arguments: "TO_PLAN",
    positionals: ["TO_PLAN"],
    summary: "move licences on to the newest version of a plan",
    options: {
      ...FILTER_OPTIONS,
      reason: { type: "string", value: "WORD", help: "why, for the audit log" },
      ...DRY_RUN,
    },
    run: (context) => {
      requireAll(context.values);
      return runBulk(context, { act: "replan", plan: context.positionals[0] });
    },
  },
];
