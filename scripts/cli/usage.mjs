// latchkey usage ...: what was used of the models, and what it costs.
import { once } from "node:events";
import { focus, focusColumns } from "../lib/focus.mjs";
import { wholeNumber } from "./args.mjs";
import { FileWriter } from "./backup_file.mjs";
import { UsageError } from "./errors.mjs";
import { licensePath } from "./license_view.mjs";
import { cell, csvField, hint, print, printFields, printJson, Table, when } from "./output.mjs";

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const CUTS = ["hour", "day", "month", "hour_of_day", "weekday"];
const BAR_CHARS = 24;
const FORMATS = ["csv", "ndjson", "json"];

const usd = (amount) => (amount === null || amount === undefined ? "-" : `$${amount}`);
const path = (base, query) => `${base}?${new URLSearchParams(query)}`;
const span = ({ from, until }) => ({ ...(from && { from }), ...(until && { until }) });

// barOf: a number beside the largest, to look at.
export function barOf(value, largest) {
  const filled = largest > 0 ? Math.max(value > 0 ? 1 : 0, Math.round((value / largest) * BAR_CHARS)) : 0;
  return "#".repeat(filled).padEnd(BAR_CHARS, ".");
}

function timeOf(row) {
  if (row.weekday !== undefined) return WEEKDAYS[row.weekday];
  if (row.hour_of_day !== undefined) return `${String(row.hour_of_day).padStart(2, "0")}:00`;
  if (row.month) return row.month.slice(0, 7);
  return row.day?.slice(0, 10) ?? when(row.hour);
}

async function show({ values, makeClient, json }) {
  const query = span(values);
  for (const name of ["by", "plan", "provider", "model"]) if (values[name] !== undefined) query[name] = values[name];
  if (values.license !== undefined) query.license_id = values.license;
  if (values.machine !== undefined) query.machine_id = values.machine;
  query.by ??= "day";
  const answer = await makeClient().get(path("/admin/usage", query));
  if (json) return printJson(answer);
  const by = query.by.split(",");
  const largest = Math.max(...answer.data.map((row) => row.requests), 0);
  const columns = by.map((name) =>
    CUTS.includes(name)
      ? [name.replaceAll("_", " ").toUpperCase(), timeOf]
      : [name.toUpperCase(), (row) => cell(row[name === "machine" ? "machine_id" : name])],
  );
  const table = new Table([
    ...columns,
    ["REQUESTS", (row) => `${barOf(row.requests, largest)} ${row.requests}`],
    ["IN", (row) => cell(row.input_tokens)],
    ["OUT", (row) => cell(row.output_tokens)],
    ["COST", (row) => usd(row.cost)],
    ["UNPRICED", (row) => cell(row.unpriced || "")],
  ]);
  if (answer.data.length > 0) table.add(answer.data);
  const { requests, cost, unpriced } = answer.total;
  hint(`${requests} requests, ${usd(cost)} from ${when(answer.from)} to ${when(answer.until)} (UTC).`);
  if (unpriced > 0) hint(`${unpriced} of them have no price and count as nothing.`);
}

async function top({ values, makeClient, json }) {
  const limit = values.limit === undefined ? 20 : wholeNumber("limit", values.limit, 1, 500);
  const { data } = await makeClient().get(path("/admin/usage/licenses", { ...span(values), limit }));
  if (json) return data.forEach(printJson);
  const table = new Table([
    ["LICENCE", (row) => cell(row.license_id)],
    ["CODE", (row) => cell(row.code_hint)],
    ["PLAN", (row) => cell(row.plan)],
    ["REQUESTS", (row) => cell(row.requests)],
    ["COST", (row) => usd(row.cost)],
    ["UNPRICED", (row) => cell(row.unpriced || "")],
  ]);
  if (data.length > 0) table.add(data);
  hint(data.length === 1 ? "1 licence." : `${data.length} licences.`);
}

// percentOf: "41.3 %" of the revenue, where there is any.
function percentOf(margin, revenue) {
  return Number(revenue) > 0 ? ` (${((Number(margin) / Number(revenue)) * 100).toFixed(1)} %)` : "";
}

async function plans({ values, makeClient, json }) {
  const answer = await makeClient().get(path("/admin/usage/plans", { ...(values.month && { month: values.month }) }));
  if (json) return printJson(answer);
  const table = new Table([
    ["PLAN", (row) => cell(row.plan)],
    ["LICENCES", (row) => cell(row.licenses)],
    ["COST", (row) => usd(row.cost)],
    ["MEDIAN", (row) => usd(row.median)],
    ["P90", (row) => usd(row.p90)],
    ["P99", (row) => usd(row.p99)],
    ["MOST", (row) => usd(row.max)],
    ["PRICE", (row) => usd(row.monthly_price)],
    ["MARGIN", (row) => (row.margin === null ? "-" : `${usd(row.margin)}${percentOf(row.margin, row.revenue)}`)],
    ["LOSING", (row) => cell(row.losing || "")],
  ]);
  if (answer.data.length > 0) table.add(answer.data);
  const gone = answer.days_gone < answer.days ? `, ${answer.days_gone} of ${answer.days} days of it` : "";
  hint(`Licences with use in ${answer.month}${gone}. LOSING: those that cost more than they bring.`);
  if (answer.data.some((row) => row.unpriced_licenses > 0)) {
    hint("Where a plan says no price there is no margin: latchkey plan set PLAN --monthly-price USD, and move its licences.");
  }
}

function aheadText({ usage, forecast }) {
  const limit = usage.limit === null ? "" : ` of ${usd(usage.limit)}`;
  const stands = `${usd(usage.cost)}${limit}`;
  if (forecast === null) return `${stands}; too few days for a forecast`;
  const range = `${usd(forecast.cost)} by ${when(forecast.until)} (${usd(forecast.cost_low)} to ${usd(forecast.cost_high)})`;
  if (usage.limit === null) return `${stands}; probably ${range}`;
  if (forecast.reached_at === null) return `${stands}; not reached by ${when(forecast.until)}: ${range}`;
  const between = `${when(forecast.earliest, "now")} to ${when(forecast.latest, "later or never")}`;
  return `${stands}; reached about ${when(forecast.reached_at)} (${between})`;
}

async function ofLicense({ positionals, makeClient, json }) {
  const usage = await makeClient().get(`${licensePath(positionals[0])}/usage`);
  if (json) return printJson(usage);
  printFields([
    ["today", usd(usage.spent.daily)],
    ["this month", usd(usage.spent.monthly)],
    ["in all", usd(usage.spent.total)],
    ["enforcement", `${cell(usage.enforcement)}${usage.blocked ? ", blocked now" : ""}`],
    ...usage.limits.map((one) => [`${one.usage.period} limit`, aheadText(one)]),
  ]);
  const largest = Math.max(...usage.days.map((day) => day.requests), 0);
  for (const day of usage.days.slice(-30)) {
    print(`  ${day.day.slice(0, 10)} ${barOf(day.requests, largest)} ${day.requests} ${usd(day.cost)}`);
  }
}

// csvCell: what a spreadsheet would take for a formula begins with a quote.
export const csvCell = (value) => csvField(/^[=+\-@\t\r]/.test(String(value)) ? `'${value}` : String(value));

const writers = {
  csv: {
    begin: () => `${focusColumns.join(",")}\r\n`,
    row: (row) => `${Object.values(row).map(csvCell).join(",")}\r\n`,
    end: () => "",
  },
  ndjson: { begin: () => "", row: (row) => `${JSON.stringify(row)}\n`, end: () => "" },
  json: { begin: () => "[", row: (row, i) => `${i > 0 ? "," : ""}\n${JSON.stringify(row)}`, end: () => "\n]\n" },
};

// toStdout: what a FileWriter does, on standard output.
const toStdout = {
  text: async (text) => {
    if (text !== "" && !process.stdout.write(text)) await once(process.stdout, "drain");
  },
  finish: () => {},
  discard: () => {},
};

// exportRows: a page at a time, so that a year of it needs no more memory than a day.
async function exportRows({ values, makeClient }) {
  const format = values.format ?? "csv";
  if (!FORMATS.includes(format)) throw new UsageError(`--format must be ${FORMATS.join(", ")}.`);
  const query = { ...span(values), ...(values.license && { license_id: values.license }) };
  const out = values.out === undefined ? toStdout : new FileWriter(values.out, { replaces: values.force === true });
  let count = 0;
  try {
    await out.text(writers[format].begin());
    for await (const rows of makeClient().pages("/admin/usage/daily", query)) {
      await out.text(rows.map((row, i) => writers[format].row(focus(row), count + i)).join(""));
      count += rows.length;
    }
    await out.text(writers[format].end());
  } catch (error) {
    out.discard();
    throw error;
  }
  out.finish();
  hint(count === 1 ? "1 row." : `${count} rows.`);
}

const SPAN = {
  from: { type: "string", value: "TIME", help: "from this date or time on (default: 30 days back)" },
  until: { type: "string", value: "TIME", help: "up to this one, which is not in it (default: now)" },
};

export const usageVerbs = [
  {
    name: "usage show",
    summary: "sum what was used, by day, plan, provider, model ...",
    details: "Sums are brought up to date each minute. --by takes one of hour, day, month, hour_of_day and weekday (the " +
      "peaks), and any of provider, model and plan, or with --license machine.",
    options: {
      ...SPAN,
      by: { type: "string", value: "A,B", help: "what to sum by (default: day)" },
      plan: { type: "string", value: "PLAN", help: "of this plan alone" },
      provider: { type: "string", value: "NAME", help: "of this provider alone" },
      model: { type: "string", value: "NAME", help: "of this model alone" },
      license: { type: "string", value: "LICENSE", help: "of this licence alone (lic_...)" },
      machine: { type: "string", value: "MACHINE", help: "with --license: of this machine alone" },
    },
    run: show,
  },
  {
    name: "usage top",
    summary: "list the licences that cost most",
    options: { ...SPAN, limit: { type: "string", value: "N", help: "so many (default: 20)" } },
    run: top,
  },
  {
    name: "usage plans",
    summary: "show what the licences of each plan cost in a month, and what they bring",
    details: "Median, p90 and p99 are of the licences with use in that month (nearest rank). A licence brings the price of " +
      "its plan's version (plan set --monthly-price), in the running month for the days gone.",
    options: { month: { type: "string", value: "YYYY-MM", help: "this month (default: the running one)" } },
    run: plans,
  },
  {
    name: "usage license",
    arguments: "LICENSE",
    positionals: ["LICENSE"],
    summary: "show where a licence stands in its budget, and when that ends",
    options: {},
    run: ofLicense,
  },
  {
    name: "usage export",
    summary: "write sums by day, licence, machine and model under FOCUS names",
    options: {
      ...SPAN,
      license: { type: "string", value: "LICENSE", help: "of this licence alone (lic_...)" },
      format: { type: "string", value: "FORMAT", choices: FORMATS, help: `${FORMATS.join(", ")} (default: csv)` },
      out: { type: "string", value: "FILE", help: "into this file (default: standard output)" },
      force: { type: "boolean", help: "write over a file that is there" },
    },
    run: exportRows,
  },
];
