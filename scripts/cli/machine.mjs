// latchkey machine ...: the seats of a licence.
import { DRY_RUN, dryQuery, saidDry } from "./dry_run.mjs";
import { UsageError } from "./errors.mjs";
import { licensePath } from "./license_view.mjs";
import { cell, hint, printFields, printJson, Table, when } from "./output.mjs";

function machinePath(id) {
  if (!/^mch_[A-Za-z0-9]+$/.test(id)) {
    throw new UsageError(`'${cell(id)}' is not a machine id (mch_...).`, [
      "Find it with: latchkey machine list LICENSE",
    ]);
  }
  return `/admin/machines/${id}`;
}

function released(machine) {
  const until = machine.seat_held_until ? `, seat held until ${when(machine.seat_held_until)}` : "";
  return `${when(machine.released_at)}${until}`;
}

function listTable(columns = []) {
  return new Table([
    ["ID", (row) => cell(row.id)],
    ...columns,
    ["NAME", (row) => cell(row.name)],
    ["FIRST SEEN (UTC)", (row) => when(row.first_seen_at)],
    ["LAST SEEN", (row) => when(row.last_seen_at)],
    ["COUNTRY", (row) => cell(row.country)],
    ["APP", (row) => cell(row.app_version)],
    ["RELEASED", released],
  ]);
}

function printMachine(machine, { json, values }) {
  if (json) return printJson(machine);
  printFields([
    ["id", cell(machine.id)],
    ["license", cell(machine.license_id)],
    ["name", cell(machine.name)],
    ["first seen", when(machine.first_seen_at)],
    ["last seen", when(machine.last_seen_at)],
    ["country", cell(machine.country)],
    ["app", cell(machine.app_version)],
    ["released", released(machine)],
  ]);
  saidDry(values);
}

async function list({ positionals, makeClient, json }) {
  let count = 0;
  const show = (table, rows) => {
    count += rows.length;
    if (json) rows.forEach(printJson);
    else if (rows.length > 0) table.add(rows);
  };
  if (positionals.length === 0) {
    const table = listTable([["LICENSE", (row) => cell(row.license_id)]]);
    for await (const rows of makeClient().pages("/admin/machines", {})) show(table, rows);
  } else {
    const { data } = await makeClient().get(`${licensePath(positionals[0])}/machines`);
    show(listTable(), data);
  }
  if (!json) hint(count === 1 ? "1 machine." : `${count} machines.`);
}

async function show(context) {
  printMachine(await context.makeClient().get(machinePath(context.positionals[0])), context);
}

async function rename(context) {
  const [id, name] = context.positionals;
  const path = `${machinePath(id)}${dryQuery(context.values)}`;
  const payload = { name: name === "" ? null : name };
  printMachine(await context.makeClient().send("PATCH", path, payload, { repeatable: true }), context);
}

async function release(context) {
  const path = `${machinePath(context.positionals[0])}/release${dryQuery(context.values)}`;
  printMachine(await context.makeClient().send("POST", path, {}, { repeatable: true }), context);
}

export const machineVerbs = [
  {
    name: "machine list",
    arguments: "[LICENSE]",
    positionals: ["LICENSE"],
    optional: true,
    summary: "list the machines of a licence, or all",
    run: list,
  },
  {
    name: "machine show",
    arguments: "MACHINE",
    positionals: ["MACHINE"],
    summary: "show one machine",
    run: show,
  },
  {
    name: "machine rename",
    arguments: "MACHINE NAME",
    positionals: ["MACHINE", "NAME"],
    summary: "give a machine a name",
    details: "At most 64 characters. An empty NAME ('') takes it away.",
    options: DRY_RUN,
    run: rename,
  },
  {
    name: "machine release",
    arguments: "MACHINE",
    positionals: ["MACHINE"],
    summary: "free the seat of a machine",
    details:
      "A seat that its holder freed, and that cools down, is free at once too. Releasing a machine twice is no\n" +
      "error. Used again, it takes a seat again, if one is free.",
    options: DRY_RUN,
    run: release,
  },
];
