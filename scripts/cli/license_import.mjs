// latchkey license import: a list of thousands, sent in slices, with a report for every line.
import fs from "node:fs";

import { CliError, EXIT, UsageError } from "./errors.mjs";
import { COLUMNS, readRows, slices } from "./import_rows.mjs";
import { cell, csvField, hint, plain, print, printJson, Table } from "./output.mjs";

const SLICE_ROWS_MAX = 500;
const SLICE_BYTES_MAX = 900 * 1024;
const FILE_BYTES_MAX = 256 * 1024 * 1024;
const REPORT_COLUMNS = ["line", "status", "id", "code", "error", "message"];

function readFile(file) {
  try {
    if (file === "-") return fs.readFileSync(0);
    if (fs.statSync(file).size > FILE_BYTES_MAX)
      throw new UsageError(`${file} is over ${FILE_BYTES_MAX >> 20} MiB.`);
    return fs.readFileSync(file);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new UsageError(`${file} can't be read (${error.code ?? error.message}).`);
  }
}

// Report: what became of each line, kept as the slices finish, so that an import that is
// cut short still says what it did. A file of that name is moved aside: it may hold codes.
class Report {
  rows = [];
  #file = null;
  #isJson = false;

  constructor(path) {
    if (path === undefined) return;
    this.#isJson = /\.(json|ndjson|jsonl)$/.test(path);
    try {
      if (fs.existsSync(path) && fs.statSync(path).isFile() && fs.statSync(path).size > 0)
        Report.#moveAside(path);
      this.#file = fs.openSync(path, "w", 0o600);
    } catch (error) {
      throw new UsageError(`--report ${path} can't be written (${error.code ?? error.message}).`);
    }
    if (!this.#isJson) fs.writeSync(this.#file, `${REPORT_COLUMNS.join(",")}\n`);
  }

  add(rows) {
    this.rows.push(...rows);
    if (this.#file === null) return;
    fs.writeSync(
      this.#file,
      rows.map((row) => `${this.#isJson ? JSON.stringify(row) : Report.#csv(row)}\n`).join(""),
    );
  }

  count(status) {
    return this.rows.filter((row) => row.status === status).length;
  }

  static #moveAside(path) {
    let number = 1;
    while (fs.existsSync(`${path}.${number}`)) number += 1;
    fs.renameSync(path, `${path}.${number}`);
    hint(`The earlier report is now ${path}.${number}.`);
  }

  static #csv(row) {
    return REPORT_COLUMNS.map((name) => csvField(String(row[name] ?? ""))).join(",");
  }
}

// sendSlice: the service's word on each row; where the slice failed as a whole, that reason
// for each of its rows and the error itself.
async function sendSlice(client, rows, dryRun) {
  // Repeating creates nothing twice where every row names its licence.
  const repeatable = dryRun || rows.every((row) => row.code !== undefined || row.email !== undefined);
  const payload = { rows, ...(dryRun && { dry_run: true }) };
  try {
    const answer = await client.send("POST", "/admin/licenses/import", payload, { repeatable });
    return { results: answer.rows };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const results = rows.map(({ line }) => {
      return {
        line,
        status: "error",
        error: error.problem?.error ?? "not_imported",
        message: error.message,
      };
    });
    return { results, error };
  }
}

function reportHuman(report, dryRun) {
  const made = report.rows.filter((row) => row.code !== undefined);
  if (made.length > 0) {
    new Table([
      ["LINE", (row) => String(row.line)],
      ["ID", (row) => cell(row.id)],
      ["CODE", (row) => cell(row.code)],
    ]).add(made);
  }
  for (const row of report.rows.filter(({ status }) => status === "error")) {
    print(`line ${row.line}: ${plain(row.message ?? row.error ?? "refused")}`);
  }
  const verb = dryRun ? "would be created" : "created";
  print(
    `${report.count("created")} ${verb}, ${report.count("exists")} exist already, ${report.count("error")} failed.`,
  );
}

async function run({ values, positionals, makeClient, json }) {
  const dryRun = values["dry-run"] === true;
  const rows = readRows(readFile(positionals[0]));
  if (rows.length === 0) throw new UsageError("The list is empty: no rows to import.");
  const client = makeClient();
  const report = new Report(values.report);
  const bad = rows.filter((row) => row.problem !== undefined);
  report.add(
    bad.map(({ line, problem }) => ({ line, status: "error", error: "invalid_row", message: problem })),
  );
  const good = rows.filter((row) => row.problem === undefined);

  let stop = null;
  let done = 0;
  for (const slice of slices(good, SLICE_ROWS_MAX, SLICE_BYTES_MAX)) {
    const { results, error } = await sendSlice(client, slice, dryRun);
    report.add(results);
    done += slice.length;
    hint(`Sent ${done} of ${good.length}.`);
    // A refused slice says nothing about the next; a service that is gone, or refuses the token, does.
    if (error && error.exitCode !== EXIT.failed) {
      stop = error;
      break;
    }
  }
  const unsent = good.slice(done);
  report.add(unsent.map(({ line }) => ({ line, status: "error", error: "not_sent", message: "not sent" })));
  report.rows.sort((a, b) => a.line - b.line);

  const failed = report.count("error");
  if (json) {
    const counts = { created: report.count("created"), skipped: report.count("exists"), failed };
    printJson({ ...counts, dry_run: dryRun, rows: report.rows });
  } else {
    reportHuman(report, dryRun);
  }
  if (!dryRun && report.rows.some((row) => row.code !== undefined))
    hint("Codes are shown once: store them now.");
  if (stop !== null) throw stop;
  return failed > 0 ? EXIT.failed : EXIT.ok;
}

export const importVerb = {
  name: "license import",
  arguments: "FILE",
  positionals: ["FILE"],
  summary: "import a list of licences, CSV or JSON; '-' reads stdin",
  details: `CSV with a header naming its columns, in any order: ${COLUMNS.join(", ")}.
JSON: an array of objects with these members, or one object a line. Where code is missing,
the e-mail address is the licence; where both are missing, a code is generated. A licence that
exists already is left as it is. Bad lines are listed, the good ones are imported.`,
  options: {
    "dry-run": { type: "boolean", help: "check every line and change nothing" },
    report: {
      type: "string",
      value: "FILE",
      help: `write a line for each line (${REPORT_COLUMNS.join(", ")}): JSON for .json, else CSV`,
    },
  },
  run,
};
