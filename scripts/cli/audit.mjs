// latchkey audit ...: the log of everything that was done, and the proof that nobody changed it.
import fs from "node:fs";

import { wholeNumber } from "./args.mjs";
import { exportLines, headOf, makeCheckpoint } from "./audit_log.mjs";
import { FileWriter } from "./backup_file.mjs";
import { CliError, EXIT, UnreachableError, UsageError } from "./errors.mjs";
import { cell, hint, plain, print, printFields, printJson, Table, when } from "./output.mjs";
import { serverKeys, verify } from "./verifier.mjs";

const LIST_ROWS = 100;
const KEY_OPTION = {
  key: {
    type: "string", value: "KEY", multiple: true,
    help: "a key of the log, name+id+base64 (else those that the running service shows)",
  },
};

const nameOfKey = (key) => key.slice(0, key.indexOf("+"));

function reportFields(report) {
  const range = report.first > 0 ? ` (the first ${report.first} are gone)` : "";
  return [
    ["log", cell(report.origin)],
    ["records", `${report.records}${range}`],
    ["checkpoints", String(report.checkpoints)],
    ["size", String(report.size)],
    ["root", cell(report.root)],
    ["checked", `${report.records_per_second} records a second`],
  ];
}

// judged: what the verifier found, shown; the exit code says the same.
function judged(report, json, fields, text) {
  if (json) printJson(report);
  if (!report.ok) {
    if (!json) hint(`latchkey: ${plain(report.message)}`);
    return EXIT.failed;
  }
  if (!json) {
    printFields(fields(report));
    print(text);
  }
  return EXIT.ok;
}

function defaultFile(now = new Date()) {
  return `latchkey-audit-${now.toISOString().replace(/[-:]|\.\d+/g, "")}.ndjson`;
}

async function exportLog({ values, makeClient, json }) {
  const file = values.out ?? defaultFile();
  const client = makeClient();
  const writer = new FileWriter(file, { replaces: values.force === true });
  let head;
  try {
    head = await makeCheckpoint(client);
    for await (const line of exportLines(client, head)) writer.text(line);
    writer.finish();
  } catch (error) {
    writer.discard();
    throw error;
  }
  hint(`${file}: ${head.size - head.first} records. Checking it...`);
  const report = await verify(await serverKeys(client, nameOfKey(head.key)), ["export", file]);
  return judged({ ...report, file }, json, (one) => [["file", file], ...reportFields(one)], "Every record is in the log's checkpoints.");
}

// sinceReport: that the log only grew since an export or a checkpoint was made.
async function sinceReport(client, keys, file, head) {
  const old = headOf(file);
  if (old.size > head.size) {
    return { ok: false, message: `The log is shorter than ${file} says: ${head.size} records, and there were ${old.size}.` };
  }
  const proof =
    old.size === 0 ? { hashes: [] } : await client.get(`/admin/audit/proof/consistency?from=${old.size}&to=${head.size}`);
  const asked = { from: old.note, to: head.note, hashes: proof.hashes };
  return verify(keys, ["consistency"], JSON.stringify(asked));
}

async function verifyLive({ values, makeClient, json }) {
  const client = makeClient();
  const head = await makeCheckpoint(client);
  const keys = values.key ?? (await serverKeys(client, nameOfKey(head.key)));
  let report = await verify(keys, ["export", "-"], exportLines(client, head));
  if (report.ok && values.since !== undefined) {
    const since = await sinceReport(client, keys, values.since, head);
    report = since.ok ? { ...report, since: headOf(values.since).size } : since;
  }
  const grown = report.since === undefined ? "" : ` It only grew since ${values.since}.`;
  return judged(report, json, reportFields, `Every record of the running service is in its checkpoints.${grown}`);
}

async function keysFor(file, values, makeClient) {
  if (values.key !== undefined) return values.key;
  const { name } = headOf(file);
  try {
    return await serverKeys(makeClient(), name);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    throw new UnreachableError(`${error.message} Without it, name the log's key with --key.`);
  }
}

async function verifyLog({ values, positionals, makeClient, json }) {
  const [file] = positionals;
  if ((file === undefined) === (values.live === undefined)) throw new UsageError("Name a FILE, or --live.");
  if (values.live) return verifyLive({ values, makeClient, json });
  if (values.since !== undefined) throw new UsageError("--since goes with --live.");
  if (!fs.existsSync(file)) throw new UsageError(`${file} is not there.`);
  const report = await verify(await keysFor(file, values, makeClient), ["export", file]);
  return judged(report, json, reportFields, "Nothing in it was changed, left out, added, moved or cut off.");
}

async function checkpoint({ makeClient, json }) {
  const head = await makeCheckpoint(makeClient());
  if (json) return printJson(head);
  process.stdout.write(head.note);
  hint(`Key: ${plain(head.key)}`);
}

async function list({ values, makeClient, json }) {
  const query = {};
  for (const [flag, name] of [["action", "action"], ["license", "license_id"], ["since", "since"], ["until", "until"]]) {
    if (values[flag] !== undefined) query[name] = values[flag];
  }
  const limit = values.limit === undefined ? LIST_ROWS : wholeNumber("limit", values.limit, 1, 100_000_000);
  const table = new Table([
    ["SEQ", (row) => cell(row.seq)],
    ["AT", (row) => when(row.at)],
    ["ACTION", (row) => cell(row.action)],
    ["OUTCOME", (row) => cell(row.outcome)],
    ["REASON", (row) => cell(row.reason)],
    ["ACTOR", (row) => cell(row.actor)],
    ["LICENCE", (row) => cell(row.license_id)],
    ["DETAILS", (row) => cell(row.details && JSON.stringify(row.details))],
  ]);
  let count = 0;
  for await (const rows of makeClient().pages("/admin/audit", query, { limit })) {
    if (json) rows.forEach(printJson);
    else if (rows.length > 0) table.add(rows);
    count += rows.length;
  }
  if (json) return;
  hint(count === limit ? `The newest ${count} records; --limit shows more.` : `${count} record${count === 1 ? "" : "s"}.`);
}

async function proof({ values, makeClient, json }) {
  if (values.seq === undefined) throw new UsageError("Name the record: --seq N.");
  const seq = wholeNumber("seq", values.seq, 1, 999_999_999);
  const client = makeClient();
  const head = await makeCheckpoint(client);
  const found = await client.get(`/admin/audit/proof/inclusion?seq=${seq}&size=${head.size}`);
  const keys = values.key ?? (await serverKeys(client, nameOfKey(head.key)));
  const shown = { ...found, note: head.note };
  const report = await verify(keys, ["inclusion"], JSON.stringify(shown));
  if (!report.ok) throw new CliError(report.message);
  if (json) return printJson(shown);
  print(found.record);
  for (const hash of found.hashes) print(`  ${cell(hash)}`);
  print(head.note.trimEnd());
  hint(`Record ${seq} is proved to be in the log of ${head.size} records.`);
}

export const auditVerbs = [
  {
    name: "audit list",
    summary: "list what was done, newest first",
    options: {
      action: { type: "string", value: "ACTION", help: "only these, for instance license.revoked" },
      license: { type: "string", value: "LICENSE", help: "only those about this licence" },
      since: { type: "string", value: "TIME", help: "not older, a date or an RFC 3339 time" },
      until: { type: "string", value: "TIME", help: "not newer" },
      limit: { type: "string", value: "N", help: `at most so many (default: ${LIST_ROWS})` },
    },
    run: list,
  },
  {
    name: "audit export",
    summary: "write the whole audit log into a file that proves itself",
    details: `NDJSON: the log's newest checkpoint, signed, then every record, with the older checkpoints between them. The
service signs a checkpoint first; what was written is then checked. latchkey audit verify checks it anywhere.`,
    options: {
      out: { type: "string", value: "FILE", help: "where to (default: latchkey-audit-TIME.ndjson)" },
      force: { type: "boolean", help: "replace FILE where it is there" },
    },
    run: exportLog,
  },
  {
    name: "audit verify",
    arguments: "FILE | --live",
    positionals: ["FILE"],
    optional: true,
    summary: "find any change in an exported log, or in the running service's",
    details: `Finds every record that was changed, left out, added or moved, and an end that was cut off. Exit code 1: it was
changed, and the message says between which lines. With --key it needs no service and no network. What was written
after the newest checkpoint is in no export; --live signs one first. Whoever can write to the database can cut the log
and the service would go on from there: keep an export, and compare with it: --live --since FILE.`,
    options: {
      live: { type: "boolean", help: "the log of the running service" },
      since: { type: "string", value: "FILE", help: "an export or a checkpoint of before: prove that the log only grew since" },
      ...KEY_OPTION,
    },
    run: verifyLog,
  },
  {
    name: "audit checkpoint",
    summary: "have the service sign the head of its audit log, and print it",
    run: checkpoint,
  },
  {
    name: "audit proof",
    summary: "prove that a record is in the audit log",
    options: { seq: { type: "string", value: "N", help: "its number, as audit list shows it" }, ...KEY_OPTION },
    run: proof,
  },
];
