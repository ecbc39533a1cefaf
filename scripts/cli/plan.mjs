// latchkey plan ...: what licences are made from, in versions.
import { wholeNumber } from "./args.mjs";
import { DRY_RUN, dryQuery, saidDry } from "./dry_run.mjs";
import { CliError, UsageError } from "./errors.mjs";
import { cell, hint, printFields, printJson, Table, when } from "./output.mjs";

const DEFAULTS = {
  providers: ["deepseek", "kimi", "mistral", "qwen", "yandex", "zhipu"],
  deliveries: ["fernet", "hpke", "plain"],
  max_machines: 3,
  license_days: 365,
};

function planPath(name) {
  if (!/^[a-z0-9_-]{1,64}$/.test(name)) throw new UsageError("PLAN must be 1 to 64 of a-z 0-9 _ -.");
  return `/admin/plans/${name}`;
}

const list = (text) => text.split(",").map((word) => word.trim()).filter(Boolean);
const days = (plan) => (plan.license_days === null ? "never" : `${plan.license_days} from ${plan.expiry_from}`);
const dollars = ({ daily, monthly, total } = {}) =>
  Object.entries({ daily, monthly, total })
    .filter(([, amount]) => amount)
    .map(([name, amount]) => `${name} ${amount}`)
    .join(", ");

function planTable() {
  return new Table([
    ["NAME", (row) => cell(row.name)],
    ["VERSION", (row) => cell(row.version)],
    ["MACHINES", (row) => cell(row.max_machines)],
    ["DAYS", (row) => cell(days(row))],
    ["PROVIDERS", (row) => cell((row.providers ?? []).join(","))],
    ["DELIVERIES", (row) => cell((row.deliveries ?? []).join(","))],
    ["RETIRED", (row) => when(row.retired_at)],
  ]);
}

async function listPlans({ makeClient, json }) {
  const { data } = await makeClient().get("/admin/plans");
  if (json) return data.forEach(printJson);
  planTable().add(data);
}

async function show({ positionals, makeClient, json }) {
  const { data } = await makeClient().get(planPath(positionals[0]));
  if (json) return data.forEach(printJson);
  planTable().add(data);
}

// contentOf: what PUT takes of a plan that GET gave.
function contentOf(plan) {
  const { name, version, created_at, created_by, retired_at, dry_run, ...content } = plan;
  return { ...content, retired: retired_at !== null && retired_at !== undefined };
}

// newest: the plan as it is, or what a new one begins with.
async function newest(client, path) {
  try {
    const { data } = await client.get(path);
    return contentOf(data[0]);
  } catch (error) {
    if (error instanceof CliError && error.problem?.error === "not_found") return { ...DEFAULTS };
    throw error;
  }
}

function changesOf(values) {
  const changes = {};
  const text = (flag, member = flag) => {
    if (values[flag] !== undefined) changes[member] = values[flag];
  };
  if (values.providers !== undefined) changes.providers = list(values.providers);
  if (values.deliveries !== undefined) changes.deliveries = list(values.deliveries);
  if (values.models !== undefined) changes.models = values.models === "all" ? null : list(values.models);
  if (values["max-machines"] !== undefined)
    changes.max_machines = wholeNumber("max-machines", values["max-machines"], 1, 1000);
  if (values.days !== undefined)
    changes.license_days = values.days === "never" ? null : wholeNumber("days", values.days, 1, 36_500);
  text("expiry-from", "expiry_from");
  text("enforcement");
  if (values["monthly-price"] !== undefined)
    changes.monthly_price = values["monthly-price"] === "none" ? null : values["monthly-price"];
  text("description");
  if (values.retire) changes.retired = true;
  if (values.unretire) changes.retired = false;
  return changes;
}

function budgetOf(values, before) {
  const budget = { ...before };
  for (const span of ["daily", "monthly", "total"]) {
    const amount = values[`budget-${span}`];
    if (amount !== undefined) budget[span] = amount === "none" ? null : amount;
  }
  return budget;
}

// limitsOf: --limit NAME=NUMBER sets one, --limit NAME=none takes it away.
function limitsOf(values, before) {
  const limits = { ...before };
  for (const text of values.limit ?? []) {
    const [, name, number] = /^([a-z0-9_-]{1,64})=(\d{1,15}|none)$/.exec(text) ?? [];
    if (name === undefined) throw new UsageError(`--limit must be NAME=NUMBER or NAME=none, not '${cell(text)}'.`);
    if (number === "none") delete limits[name];
    else limits[name] = Number(number);
  }
  return limits;
}

const limitText = (limits = {}) => Object.entries(limits).map(([name, number]) => `${name} ${number}`).join(", ");

async function set({ values, positionals, makeClient, json }) {
  const path = planPath(positionals[0]);
  if (values.retire && values.unretire) throw new UsageError("--retire excludes --unretire.");
  const changes = changesOf(values);
  const client = makeClient();
  const before = await newest(client, path);
  const content = { ...before, ...changes, budget: budgetOf(values, before.budget), limits: limitsOf(values, before.limits) };
  const plan = await client.send("PUT", `${path}${dryQuery(values)}`, content, { repeatable: true });
  if (json) return printJson(plan);
  printFields([
    ["name", cell(plan.name)],
    ["version", cell(plan.version)],
    ["providers", cell((plan.providers ?? []).join(","))],
    ["deliveries", cell((plan.deliveries ?? []).join(","))],
    ["machines", cell(plan.max_machines)],
    ["days", cell(days(plan))],
    ["models", plan.models ? cell(plan.models.join(",")) : "all"],
    ["limits", cell(limitText(plan.limits))],
    ["budget", cell(dollars(plan.budget))],
    ["enforcement", cell(plan.enforcement)],
    ["price", plan.monthly_price ? `$${cell(plan.monthly_price)} a month` : "-"],
    ["description", cell(plan.description)],
    ["retired", when(plan.retired_at)],
  ]);
  if (!saidDry(values)) hint("Licences keep the version they have: move them with latchkey license change or replan.");
}

export const planVerbs = [
  { name: "plan list", summary: "list the plans, each in its newest version", run: listPlans },
  {
    name: "plan show",
    arguments: "PLAN",
    positionals: ["PLAN"],
    summary: "list the versions of a plan",
    run: show,
  },
  {
    name: "plan set",
    arguments: "PLAN",
    positionals: ["PLAN"],
    summary: "make a plan, or its next version",
    details: `What no flag names stays as it is in the newest version. A new plan begins with all
providers and deliveries, 3 machines and 365 days.`,
    options: {
      providers: { type: "string", value: "A,B", help: "whose keys it hands out" },
      deliveries: { type: "string", value: "A,B", help: "fernet, hpke, plain" },
      "max-machines": { type: "string", value: "N", help: "seats" },
      days: { type: "string", value: "N", help: "how long a licence lasts, or 'never' ends" },
      "expiry-from": { type: "string", value: "creation|first_use", help: "what its days count from" },
      models: { type: "string", value: "A,B", help: "models, or 'all'" },
      "budget-daily": { type: "string", value: "USD", help: "what a licence may cost in a day, or 'none'" },
      "budget-monthly": { type: "string", value: "USD", help: "the same for a month" },
      "budget-total": { type: "string", value: "USD", help: "the same all in all" },
      enforcement: { type: "string", value: "track|warn|block", help: "what happens over budget" },
      "monthly-price": { type: "string", value: "USD", help: "what a licence brings in a month, or 'none': see usage plans" },
      limit: { type: "string", multiple: true, value: "NAME=N", help: "a named limit, such as sharing_throttle=75; NAME=none" },
      description: { type: "string", value: "TEXT", help: "for people" },
      retire: { type: "boolean", help: "no new licences" },
      unretire: { type: "boolean", help: "new licences again" },
      ...DRY_RUN,
    },
    run: set,
  },
];
