// latchkey machine ...: the seats of a licence.
import { UsageError } from "./errors.mjs";
import { licensePath } from "./license_view.mjs";
import { cell, hint, printFields, printJson, Table, when } from "./output.mjs";

async function list({ positionals, makeClient, json }) {
  const path = `${licensePath(positionals[0])}/machines`;
  const table = new Table([
    ["ID", (row) => cell(row.id)],
    ["FIRST SEEN (UTC)", (row) => when(row.first_seen_at)],
    ["LAST SEEN", (row) => when(row.last_seen_at)],
    ["COUNTRY", (row) => cell(row.country)],
    ["APP", (row) => cell(row.app_version)],
    ["RELEASED", (row) => when(row.released_at)],
  ]);
  const { data } = await makeClient().get(path);
  if (json) return data.forEach(printJson);
  if (data.length > 0) table.add(data);
  hint(data.length === 1 ? "1 machine." : `${data.length} machines.`);
}

async function release({ positionals, makeClient, json }) {
  const [id] = positionals;
  if (!/^mch_[A-Za-z0-9]+$/.test(id)) {
    throw new UsageError(`'${cell(id)}' is not a machine id (mch_...).`, [
      "Find it with: latchkey machine list LICENSE",
    ]);
  }
  const machine = await makeClient().send(
    "POST",
    `/admin/machines/${id}/release`,
    {},
    { repeatable: true },
  );
  if (json) return printJson(machine);
  printFields([
    ["id", cell(machine.id)],
    ["license", cell(machine.license_id)],
    ["released", when(machine.released_at)],
  ]);
}

export const machineVerbs = [
  {
    name: "machine list",
    arguments: "LICENSE",
    positionals: ["LICENSE"],
    summary: "list the machines of a licence",
    run: list,
  },
  {
    name: "machine release",
    arguments: "MACHINE",
    positionals: ["MACHINE"],
    summary: "free the seat of a machine",
    details: "Releasing a machine twice is no error. Used again, it takes a seat again, if one is free.",
    run: release,
  },
];
