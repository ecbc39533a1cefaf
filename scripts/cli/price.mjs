// latchkey price ...: what providers ask for their models' tokens, in tables with versions.
import fs from "node:fs";

import { PROVIDERS } from "../lib/secrets.mjs";
import { wholeNumber } from "./args.mjs";
import { DRY_RUN, dryQuery } from "./dry_run.mjs";
import { CliError, UnreachableError, UsageError } from "./errors.mjs";
import { cell, hint, plain, print, printFields, printJson, Table, when } from "./output.mjs";
import { importPriceMap } from "./price_map.mjs";
import { merge } from "./price_merge.mjs";

const FILE_BYTES_MAX = 64 * 1024 * 1024;
const FETCH_MS_MAX = 60_000;
const SKIPPED_SHOWN_MAX = 20;
const CONFLICTS_MAX = 5;
const NANOS = 1_000_000_000n;

function checkProvider(name) {
  if (!PROVIDERS.includes(name)) throw new UsageError(`--provider must be one of: ${PROVIDERS.join(", ")}.`);
}

// timeOf: a date or a time in UTC, as the service writes it.
function timeOf(flag, text) {
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?$/.test(text) && !Number.isNaN(Date.parse(text));
  if (!isTime) throw new UsageError(`--${flag} must be YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ, not '${plain(text)}'.`);
  return text.length === 10 ? `${text}T00:00:00Z` : text;
}

async function readText(name) {
  if (/^https:\/\//.test(name)) {
    try {
      const response = await fetch(name, { signal: AbortSignal.timeout(FETCH_MS_MAX) });
      if (!response.ok) throw new UnreachableError(`${name} answers with HTTP ${response.status}.`);
      return await response.text();
    } catch (error) {
      if (error instanceof CliError) throw error;
      throw new UnreachableError(`${name} does not answer (${error.cause?.code ?? error.message}).`);
    }
  }
  try {
    if (name === "-") return fs.readFileSync(0, "utf8");
    if (fs.statSync(name).size > FILE_BYTES_MAX) throw new UsageError(`${name} is over ${FILE_BYTES_MAX >> 20} MiB.`);
    return fs.readFileSync(name, "utf8");
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new UsageError(`${name} can't be read (${error.code ?? error.message}).`);
  }
}

const pathOf = (values) => {
  if (values.table === undefined) return "/admin/prices";
  return `/admin/prices?version=${wholeNumber("table", values.table, 0, 999_999_999)}`;
};

// inForce: of each model the row that holds now.
function inForce(rows, now = Date.now()) {
  const latest = new Map();
  for (const row of rows) {
    const isOver = row.effective_to && Date.parse(row.effective_to) <= now;
    if (Date.parse(row.effective_from) > now) continue;
    if (isOver) latest.delete(`${row.provider} ${row.model}`);
    else latest.set(`${row.provider} ${row.model}`, row); // rows come in order of time
  }
  return [...latest.values()];
}

async function list({ values, makeClient, json }) {
  if (values.provider !== undefined) checkProvider(values.provider);
  const { rows, aliases } = await makeClient().get(pathOf(values));
  const wanted = values.model?.toLowerCase();
  const model = aliases.find(({ alias, provider }) => alias === wanted && (values.provider ?? provider) === provider)?.model ?? wanted;
  const shown = (values.all ? rows : inForce(rows)).filter(
    (row) => (values.provider ?? row.provider) === row.provider && (model ?? row.model) === row.model,
  );
  if (json) return shown.forEach(printJson);
  if (shown.length === 0) return hint("No prices found.");
  new Table([
    ["PROVIDER", (row) => cell(row.provider)],
    ["MODEL", (row) => cell(row.model)],
    ["SINCE (UTC)", (row) => when(row.effective_from)],
    ["INPUT", (row) => cell(row.input)],
    ["CACHED", (row) => cell(row.cached_input)],
    ["OUTPUT", (row) => cell(row.output)],
    ["REASONING", (row) => cell(row.reasoning)],
    ["AS OF", (row) => cell(row.as_of)],
  ]).add(shown);
  hint("US dollars for 1,000,000 tokens.");
}

async function show({ values, makeClient, json }) {
  const { rows, aliases, ...about } = await makeClient().get(pathOf(values));
  if (json) return printJson({ ...about, num_aliases: aliases.length });
  printFields([
    ["version", about.version === 0 ? "0, the table in the build" : cell(about.version)],
    ["made", when(about.created_at)],
    ["by", cell(about.created_by)],
    ["note", cell(about.note)],
    ["prices", cell(about.num_rows)],
    ["aliases", cell(aliases.length)],
    ["read at the source", cell(rows.map((row) => row.as_of ?? "").sort().at(-1))],
  ]);
}

async function versions({ makeClient, json }) {
  const table = new Table([
    ["VERSION", (row) => cell(row.version)],
    ["MADE (UTC)", (row) => when(row.created_at)],
    ["BY", (row) => cell(row.created_by)],
    ["PRICES", (row) => cell(row.num_rows)],
    ["NOTE", (row) => cell(row.note)],
  ]);
  let count = 0;
  for await (const rows of makeClient().pages("/admin/prices/versions", {})) {
    if (json) rows.forEach(printJson);
    else if (rows.length > 0) table.add(rows);
    count += rows.length;
  }
  if (count === 0) hint("No table was stored yet: the one in the build is in force.");
}

async function exportTable({ values, makeClient, json }) {
  const { rows, aliases } = await makeClient().get(pathOf(values));
  if (json) return printJson({ rows, aliases });
  const lines = (items) => items.map((item) => `    ${JSON.stringify(item)}`).join(",\n");
  print(`{\n  "rows": [\n${lines(rows)}\n  ],\n  "aliases": [\n${lines(aliases)}\n  ]\n}`);
}

const changeText = (name) => ({ before, after }) => {
  const [old, fresh] = [before?.[name], after?.[name]];
  if (!before || !after || old === fresh) return cell(fresh ?? old);
  return `${cell(old)} -> ${cell(fresh)}`;
};

function showDifference({ difference, warnings }) {
  const { added, changed, removed, aliases_added, aliases_removed, rows } = difference;
  if (rows.length > 0) {
    new Table([
      ["CHANGE", (row) => cell(row.change)],
      ["PROVIDER", (row) => cell((row.after ?? row.before).provider)],
      ["MODEL", (row) => cell((row.after ?? row.before).model)],
      ["SINCE (UTC)", (row) => when((row.after ?? row.before).effective_from)],
      ["INPUT", changeText("input")],
      ["CACHED", changeText("cached_input")],
      ["OUTPUT", changeText("output")],
      ["REASONING", changeText("reasoning")],
    ]).add(rows);
  }
  const more = added + changed + removed - rows.length;
  if (more > 0) print(`... and ${more} more.`);
  print(`${added} prices added, ${changed} changed, ${removed} removed; ${aliases_added} aliases added, ${aliases_removed} removed.`);
  for (const { location, message } of warnings) hint(`warning: ${plain(location)} ${plain(message)}`);
}

// bring: shows what the table would change, and with --yes brings it into force, if the one it was compared with is
// in force still.
async function bring({ values, json }, client, table, version) {
  const content = { ...table, ...(values.note !== undefined && { note: values.note }) };
  const ifMatch = `"${version}"`;
  const preview = await client.send("PUT", "/admin/prices?dry_run=1", content, { repeatable: true, ifMatch });
  const isReal = values.yes === true && values["dry-run"] !== true;
  if (!json) showDifference(preview);
  const isSame = preview.version === version;
  if (!isReal || isSame) {
    if (json) printJson(preview);
    if (isSame) hint(`Version ${version} holds these prices already.`);
    else hint(values["dry-run"] ? "A dry run: nothing was changed." : "Nothing was changed. Do it with --yes.");
    return undefined;
  }
  const made = await client.send("PUT", "/admin/prices", content, { repeatable: true, ifMatch });
  if (json) printJson(made);
  hint(`Version ${made.version} is in force. What was used before keeps its cost until latchkey price reprice.`);
  return undefined;
}

async function set(command) {
  const text = await readText(command.positionals[0]);
  let table;
  try {
    table = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`The price table is not readable as JSON: ${error.message}`);
  }
  const isObject = table !== null && typeof table === "object" && !Array.isArray(table);
  if (!isObject) throw new UsageError("The price table is not a JSON object with rows and aliases.");
  const client = command.makeClient();
  const { version } = await client.get("/admin/prices");
  return bring(command, client, table, version);
}

async function importMap(command) {
  const { values, positionals, json } = command;
  const today = new Date().toISOString().slice(0, 10);
  const since = timeOf("since", values.since ?? today);
  const [name] = positionals;
  const source = /^https:\/\//.test(name) ? name : undefined;
  const map = importPriceMap(await readText(name), { effectiveFrom: since, asOf: today, source });
  if (map.rows.length === 0) throw new UsageError("The price map has no model of our providers.");
  const client = command.makeClient();
  const { rows, aliases, version } = await client.get("/admin/prices");
  const merged = merge({ rows, aliases }, map.rows, since);
  const skipped = [...map.skipped, ...merged.skipped];
  hint(`${map.rows.length} models in the map: ${merged.same} as they are, ${merged.changed} with another price, ${merged.added} new.`);
  hint(`${merged.kept} models here that it does not have are kept.`);
  if (skipped.length > 0) hint(`${skipped.length} were left out:`);
  for (const { name: model, reason } of skipped.slice(0, SKIPPED_SHOWN_MAX)) hint(`  ${plain(model)}: ${plain(reason)}`);
  if (skipped.length > SKIPPED_SHOWN_MAX) hint(`  ... and ${skipped.length - SKIPPED_SHOWN_MAX} more.`);
  return bring({ values, json }, client, merged.table, version);
}

async function unpriced({ makeClient, json }) {
  const table = new Table([
    ["PROVIDER", (row) => cell(row.provider)],
    ["MODEL", (row) => cell(row.model)],
    ["REQUESTS", (row) => cell(row.requests)],
    ["LAST USED (UTC)", (row) => when(row.last_used_at)],
    ["WHY", (row) => cell(row.reason ?? "has a price now: latchkey price reprice")],
  ]);
  let count = 0;
  for await (const rows of makeClient().pages("/admin/prices/unpriced", {})) {
    if (json) rows.forEach(printJson);
    else if (rows.length > 0) table.add(rows);
    count += rows.length;
  }
  if (count === 0) hint("Every model that was used has a price.");
}

// nanosOf and dollars: amounts as the service writes them, exactly.
function nanosOf(text) {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  const nanos = BigInt(whole) * NANOS + BigInt(fraction.padEnd(9, "0"));
  return sign ? -nanos : nanos;
}

function dollars(nanos) {
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = String(size % NANOS).padStart(9, "0").replace(/0+$/, "");
  return `${nanos < 0n ? "-" : ""}${size / NANOS}${fraction && `.${fraction}`}`;
}

// nextSlice: a slice that another change overtook did nothing, and is asked for again.
async function nextSlice(client, query, content) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.send("POST", `/admin/prices/reprice${query}`, content, { repeatable: true });
    } catch (error) {
      if (error.problem?.error !== "conflict" || attempt === CONFLICTS_MAX) throw error;
    }
  }
}

// walk: every event once, by one table: where another comes into force meanwhile, from the beginning again.
async function walk(client, query, since) {
  const total = { version: null, walked: 0, changed: 0, difference: 0n };
  let cursor = null;
  for (;;) {
    const slice = await nextSlice(client, query, { cursor, ...(since && { since }) });
    total.walked += slice.walked;
    total.changed += slice.changed;
    total.difference += nanosOf(slice.difference);
    cursor = slice.next_cursor;
    hint(`${total.walked} events walked, ${total.changed} with another cost`);
    if (total.version !== null && total.version !== slice.version) {
      hint(`Version ${slice.version} came into force meanwhile: from the beginning again.`);
      Object.assign(total, { version: slice.version, walked: 0 });
      cursor = null;
      continue;
    }
    total.version = slice.version;
    if (cursor === null) return total;
  }
}

async function reprice({ values, makeClient, json }) {
  const since = values.since === undefined ? undefined : timeOf("since", values.since);
  const total = await walk(makeClient(), dryQuery(values), since).catch((error) => {
    if (error instanceof CliError) error.lines.push("Run it again: what is done is passed by.");
    throw error;
  });
  const isDry = values["dry-run"] === true;
  const { version, walked, changed } = total;
  const difference = dollars(total.difference);
  if (json) return printJson({ version, walked, changed, difference, ...(isDry && { dry_run: true }) });
  const verb = isDry ? "would have" : "have";
  print(`${changed} of ${walked} events ${verb} another cost by version ${version}: ${difference} US dollars in all.`);
  if (isDry) hint("A dry run: nothing was changed.");
}

const TABLE = { table: { type: "string", value: "N", help: "of this version instead of the one in force" } };
const CHANGE = {
  note: { type: "string", value: "TEXT", help: "kept with the version, for people" },
  yes: { type: "boolean", help: "do it; without, only show what it would change" },
  ...DRY_RUN,
};

export const priceVerbs = [
  {
    name: "price list",
    summary: "list the prices in force",
    options: {
      provider: { type: "string", value: "PROVIDER", help: "of this provider" },
      model: { type: "string", value: "MODEL", help: "of this model, or of the one it is an alias of" },
      all: { type: "boolean", help: "past and future prices too" },
      ...TABLE,
    },
    run: list,
  },
  { name: "price show", summary: "show which price table is in force", options: TABLE, run: show },
  { name: "price versions", summary: "list the price tables that were stored", run: versions },
  { name: "price export", summary: "print a price table as price set takes it", options: TABLE, run: exportTable },
  {
    name: "price set",
    arguments: "FILE",
    positionals: ["FILE"],
    summary: "bring a price table into force, whole; '-' reads stdin",
    details: `JSON as price export prints it. Shows what would change; --yes does it, unless another table came
into force in between.`,
    options: CHANGE,
    run: set,
  },
  {
    name: "price import",
    arguments: "FILE",
    positionals: ["FILE"],
    summary: "bring prices of LiteLLM's public map in; FILE may be an https address",
    details: `The map is model_prices_and_context_window.json of LiteLLM. A model whose price is another one there
gets a row from --since on; earlier rows stay, and so do models that the map does not have. Shows what
would change; --yes does it.`,
    options: {
      since: { type: "string", value: "DATE", help: "since when the map's prices hold; today where left out" },
      ...CHANGE,
    },
    run: importMap,
  },
  { name: "price unpriced", summary: "list models that were used without a price", run: unpriced },
  {
    name: "price reprice",
    summary: "price what was used by the table in force",
    details: `Needed after prices were corrected for the past, or a model got its first price. May be broken off at
any time and run again: what has its right cost is passed by.`,
    options: {
      since: { type: "string", value: "DATE", help: "only what was used since then" },
      ...DRY_RUN,
    },
    run: reprice,
  },
];
