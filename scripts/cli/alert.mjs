// latchkey alert ...: what is wrong, and who looks after it.
import { wholeNumber } from "./args.mjs";
import { DRY_RUN, dryQuery, saidDry } from "./dry_run.mjs";
import { UsageError } from "./errors.mjs";
import { cell, hint, print, printFields, printJson, Table, when } from "./output.mjs";

const STATES = ["open", "acknowledged", "resolved"];
const SEVERITIES = ["info", "warning", "critical"];
const MINUTES_MAX = 30 * 24 * 60;
const UNITS = { m: 1, h: 60, d: 24 * 60 };

function alertPath(id) {
  if (!/^alr_[A-Za-z0-9]+$/.test(id)) {
    throw new UsageError(`'${cell(id)}' is not an alert id (alr_...).`, ["Find it with: latchkey alert list"]);
  }
  return `/admin/alerts/${id}`;
}

function oneOf(name, value, known) {
  if (!known.includes(value)) throw new UsageError(`--${name} must be one of ${known.join(", ")}.`);
  return value;
}

function kindOf(text) {
  if (!/^[a-z_]{1,64}$/.test(text)) throw new UsageError(`'${cell(text)}' is not a kind.`, ["Find it with: latchkey alert rules"]);
  return text;
}

function printAlert(alert, json) {
  if (json) return printJson(alert);
  printFields([
    ["id", cell(alert.id)],
    ["kind", cell(alert.kind)],
    ["title", cell(alert.title)],
    ["subject", cell(alert.subject)],
    ["severity", cell(alert.severity)],
    ["state", alert.acted_by ? `${cell(alert.state)} (${cell(alert.acted_by)}, ${when(alert.acted_at)})` : cell(alert.state)],
    ["seen", `${cell(alert.count)} times, ${when(alert.first_at)} to ${when(alert.last_at)}`],
    ["snoozed until", when(alert.snoozed_until)],
    ["resolved", when(alert.resolved_at)],
    ["details", cell(JSON.stringify(alert.details))],
  ]);
  if (alert.state !== "resolved") print(`What to do: ${cell(alert.advice)}`);
}

async function list({ values, makeClient, json }) {
  const query = {};
  if (values.state !== undefined) query.state = oneOf("state", values.state, STATES);
  if (values.severity !== undefined) query.severity = oneOf("severity", values.severity, SEVERITIES);
  if (values.kind !== undefined) query.kind = kindOf(values.kind);
  const table = new Table([
    ["ID", (row) => cell(row.id)],
    ["SEVERITY", (row) => cell(row.severity)],
    ["STATE", (row) => cell(row.state)],
    ["KIND", (row) => cell(row.kind)],
    ["SUBJECT", (row) => cell(row.subject)],
    ["SEEN", (row) => cell(row.count)],
    ["LAST (UTC)", (row) => when(row.last_at)],
  ]);
  let count = 0;
  for await (const rows of makeClient().pages("/admin/alerts", query)) {
    if (json) rows.forEach(printJson);
    else if (rows.length > 0) table.add(rows);
    count += rows.length;
  }
  if (!json) hint(count === 1 ? "1 alert." : `${count} alerts.`);
}

async function show({ positionals, makeClient, json }) {
  printAlert(await makeClient().get(alertPath(positionals[0])), json);
}

async function act(verb, payload, { values, positionals, makeClient, json }) {
  const path = `${alertPath(positionals[0])}/${verb}${dryQuery(values)}`;
  printAlert(await makeClient().send("POST", path, payload, { repeatable: true }), json);
  saidDry(values);
}

// snoozed: 90m, 4h and 2d are so long from now; anything else is for the service to read.
export function snoozed(text) {
  const parts = /^(\d{1,6})([mhd])$/.exec(text);
  if (parts === null) {
    if (/^\d{4}-\d\d-\d\d/.test(text)) return { until: text };
    throw new UsageError("--for must be a time such as 90m, 4h or 2d, a date or an RFC 3339 time.");
  }
  return { minutes: wholeNumber("for, in minutes,", String(Number(parts[1]) * UNITS[parts[2]]), 1, MINUTES_MAX) };
}

function printRule(rule, json) {
  if (json) return printJson(rule);
  printFields([
    ["kind", cell(rule.kind)],
    ["title", cell(rule.title)],
    ["enabled", rule.enabled ? "yes" : "no"],
    ["severity", cell(rule.severity)],
    ["by default", cell(rule.default_severity)],
    ["set", rule.updated_by ? `${cell(rule.updated_by)}, ${when(rule.updated_at)}` : "never"],
  ]);
}

async function rules({ makeClient, json }) {
  const { data } = await makeClient().get("/admin/alert-rules");
  if (json) return data.forEach(printJson);
  const table = new Table([
    ["KIND", (row) => cell(row.kind)],
    ["ENABLED", (row) => (row.enabled ? "yes" : "no")],
    ["SEVERITY", (row) => cell(row.severity)],
    ["TITLE", (row) => cell(row.title)],
  ]);
  table.add(data);
}

async function rule({ values, positionals, makeClient, json }) {
  if (values.on && values.off) throw new UsageError("Give --on or --off, not both.");
  const payload = {};
  if (values.on || values.off) payload.enabled = values.on === true;
  if (values.severity !== undefined) payload.severity = oneOf("severity", values.severity, SEVERITIES);
  if (Object.keys(payload).length === 0) throw new UsageError("Give --on, --off or --severity.");
  const path = `/admin/alert-rules/${kindOf(positionals[0])}${dryQuery(values)}`;
  printRule(await makeClient().send("PUT", path, payload, { repeatable: true }), json);
  saidDry(values);
}

const ALERT = { arguments: "ALERT", positionals: ["ALERT"] };

export const alertVerbs = [
  {
    name: "alert list",
    summary: "list alerts, newest first",
    options: {
      state: { type: "string", value: "STATE", help: "only those that are open, acknowledged or resolved" },
      severity: { type: "string", value: "SEVERITY", help: "only info, warning or critical ones" },
      kind: { type: "string", value: "KIND", help: "only those of a kind (latchkey alert rules lists them)" },
    },
    run: list,
  },
  { name: "alert show", ...ALERT, summary: "show an alert and what to do about it", run: show },
  {
    name: "alert ack",
    ...ALERT,
    summary: "acknowledge an alert: webhooks hear of it again if it gets worse",
    options: DRY_RUN,
    run: (call) => act("acknowledge", {}, call),
  },
  {
    name: "alert snooze",
    ...ALERT,
    summary: "keep an alert quiet for a while; if it is still open then, webhooks hear of it again",
    options: { for: { type: "string", value: "TIME", help: "90m, 4h, 2d (default 1d), or until a date or time" }, ...DRY_RUN },
    run: (call) => act("snooze", snoozed(call.values.for ?? "1d"), call),
  },
  {
    name: "alert resolve",
    ...ALERT,
    summary: "say that an alert's cause is over; if it comes back, it is another alert",
    options: DRY_RUN,
    run: (call) => act("resolve", {}, call),
  },
  { name: "alert rules", summary: "list every kind of alert, and what is set of it", run: rules },
  {
    name: "alert rule",
    arguments: "KIND",
    positionals: ["KIND"],
    summary: "switch a kind of alert on or off, or say how bad it is",
    details: "What is not named goes back to the default.",
    options: {
      on: { type: "boolean", help: "raise it" },
      off: { type: "boolean", help: "raise nothing of this kind" },
      severity: { type: "string", value: "SEVERITY", help: "info, warning or critical, instead of its own" },
      ...DRY_RUN,
    },
    run: rule,
  },
];
