// latchkey backup ... and latchkey restore: D1 into one sealed file, and back.
import { FileWriter, findKey, lineHash, linesOf, readKey, survey, writeKey } from "./backup_file.mjs";
import { CliError, EXIT } from "./errors.mjs";
import { cell, hint, print, printFields, printJson } from "./output.mjs";

const LINES_A_REPORT = 50;
const KEY_OPTION = {
  "key-file": { type: "string", value: "FILE", help: "the backup's key (or LATCHKEY_BACKUP_KEY; else FILE.key)" },
};

function defaultFile(now = new Date()) {
  return `latchkey-${now.toISOString().replace(/[-:]|\.\d+/g, "")}.backup`;
}

// Progress: rows of each table, said when a table ends and every so many lines.
class Progress {
  rows = {};
  #table = null;
  #lines = 0;

  add(table, rows) {
    this.rows[table] = (this.rows[table] ?? 0) + rows;
    this.#lines += 1;
    if (this.#table !== null && this.#table !== table) this.#say();
    this.#table = table;
    if (this.#lines % LINES_A_REPORT === 0) this.#say();
  }

  #say() {
    hint(`${this.#table}: ${this.rows[this.#table]} rows`);
  }
}

async function makeLines(client, key, writer) {
  const progress = new Progress();
  const ask = (body) => client.send("POST", "/admin/backup", { key, ...body }, { repeatable: true });
  let line = await ask({});
  writer.line(line.text);
  const { backup_id } = line;
  for (let number = 1; line.next_cursor !== null; number += 1) {
    line = await ask({ backup_id, line: number, previous: lineHash(line.text), cursor: line.next_cursor });
    writer.line(line.text);
    if (line.next_cursor !== null) progress.add(line.table, line.rows);
  }
  return { backup_id, lines: line.line + 1, rows: progress.rows };
}

async function backup({ values, positionals, makeClient, json }) {
  const file = positionals[0] ?? defaultFile();
  const client = makeClient();
  const writer = new FileWriter(file);
  let made;
  try {
    made = await makeLines(client, findKey(values["key-file"], file), writer);
    writer.finish();
  } catch (error) {
    writer.discard();
    throw error;
  }
  if (json) return printJson({ file, bytes: writer.bytes, ...made });
  printFields([
    ["file", file],
    ["backup", made.backup_id],
    ["bytes", String(writer.bytes)],
    ...Object.entries(made.rows).map(([table, rows]) => [table, String(rows)]),
  ]);
}

function keygen({ positionals }) {
  writeKey(positionals[0]);
}

// atLine: what failed, with the line of the file it was about.
async function atLine(file, number, act) {
  try {
    return await act();
  } catch (error) {
    if (error instanceof CliError && error.problem) error.message = `Line ${number + 1} of ${file}: ${error.message}`;
    throw error;
  }
}

function checkCounts(file, progress, counts) {
  for (const [table, count] of Object.entries(counts)) {
    if ((progress.rows[table] ?? 0) !== count) {
      throw new CliError(`${file} holds ${progress.rows[table] ?? 0} rows of ${table}, and its last line says ${count}.`);
    }
  }
}

// verifyAll: has the service open every line, and everything that is sealed in them.
async function verifyAll(client, key, file, { fields, last }) {
  const progress = new Progress();
  const unreadable = {};
  for await (const { text, number, previous } of linesOf(file)) {
    if (number === 0) continue;
    const body = { key, backup_id: fields.backup_id, line: number, previous, text };
    const found = await atLine(file, number, () =>
      client.send("POST", "/admin/backup/verify", body, { repeatable: true }),
    );
    if (found.table === "end") checkCounts(file, progress, found.counts);
    else progress.add(found.table, found.rows);
    if (number === last.number && found.table !== "end") {
      throw new CliError(`${file} is cut off: its last line is missing.`);
    }
    for (const [what, count] of Object.entries(found.unreadable)) unreadable[what] = (unreadable[what] ?? 0) + count;
  }
  return { rows: progress.rows, unreadable };
}

const some = (count, one, many) => `${count} ${count === 1 ? one : many}`;

// What of a backup only MASTER_KEY opens, and what becomes of it where it is lost.
const SEALED = [
  ["provider_keys", "provider key", "provider keys", "Worker secrets serve instead"],
  ["holders", "holder's name and e-mail address", "holders' names and e-mail addresses", "gone"],
  ["buyers", "buyer's e-mail address", "buyers' e-mail addresses", "gone"],
  ["codes", "code on its way to the seller", "codes on their way to the seller", "reissue those licences"],
  ["webhooks", "webhook's URL and secret", "webhooks' URLs and secrets", "make them anew"],
  ["derived_keys", "machine's derived key", "machines' derived keys", "derived again when they next ask"],
];

// lossLines: what is lost, for people.
function lossLines({ master_keys = [], index_key = false }, { rows, unreadable }) {
  const lines = master_keys.map((kid) => `MASTER_KEY ${cell(kid)} of the backup is not among this service's keys.`);
  for (const [name, one, many, then] of SEALED) {
    if (unreadable[name] > 0) lines.push(`Lost: ${some(unreadable[name], one, many)} (${then}).`);
  }
  if (index_key) {
    lines.push(
      "INDEX_KEY is not the one of the backup: no licence code, machine or admin token is recognised.",
      `Lost: ${some(rows.licenses ?? 0, "licence's code", "licences' codes")} (reissue every licence),`,
      `  ${some(rows.machines ?? 0, "machine's seat", "machines' seats")} (freed; each takes one again), finding a licence by its holder,`,
      `  ${some(rows.admin_tokens ?? 0, "admin token", "admin tokens")} (revoked; ADMIN_TOKEN counts).`,
    );
  }
  return lines;
}

async function verify({ values, positionals, makeClient, json }) {
  const [file] = positionals;
  const found = await survey(file);
  const verified = await verifyAll(makeClient(), readKey(values["key-file"], file), file, found);
  if (json) return printJson({ backup_id: found.fields.backup_id, made_at: found.fields.made_at, ...verified });
  printFields([
    ["backup", cell(found.fields.backup_id)],
    ["made", cell(found.fields.made_at)],
    ...Object.entries(verified.rows).map(([table, rows]) => [cell(table), String(rows)]),
  ]);
  lossLines({}, verified).forEach(hint);
  print("Every line is as it was written.");
}

async function takeLines(client, key, file, { fields }, restoring) {
  let state = restoring;
  const progress = new Progress();
  for await (const { text, number, previous } of linesOf(file)) {
    if (number === 0 || number <= restoring.line) continue;
    const body = { key, backup_id: fields.backup_id, line: number, previous, text };
    state = await atLine(file, number, () =>
      client.send("POST", "/admin/restore/lines", body, { repeatable: true }),
    );
    progress.add("restored", state.rows);
  }
  if (!state.done) throw new CliError(`The restore is not finished: ${file} ended at line ${state.line + 1}. Run it again.`);
  return state;
}

async function restore({ values, positionals, makeClient, json }) {
  const [file] = positionals;
  const found = await survey(file);
  const key = readKey(values["key-file"], file);
  const client = makeClient();
  const { number: line, previous, text } = found.last;
  const begin = { key, header: found.header, line, previous, text };
  const look = () => client.send("POST", "/admin/restore?dry_run=1", begin, { repeatable: true });
  const before = await atLine(file, line, look);
  if (before.done) return report(before, {}, json, `${cell(before.backup_id)} is restored already.`);
  const verified = await verifyAll(client, key, file, found);
  const losses = lossLines(before.lost_keys, verified);
  if (values["dry-run"]) {
    losses.forEach(hint);
    return report(before, verified, json, "Nothing was changed.");
  }
  if (losses.length > 0 && !values["accept-loss"]) {
    throw new CliError("Not all of this backup can be read with this service's keys.", undefined, [
      ...losses, "Set the missing keys, or restore without what is lost: --accept-loss",
    ]);
  }
  losses.forEach(hint);
  const begun = await client.send("POST", "/admin/restore", { ...begin, accept_loss: values["accept-loss"] === true });
  const done = await takeLines(client, key, file, found, begun);
  return report(done, verified, json, `${cell(done.backup_id)} is restored.`);
}

function report(state, { rows = {}, unreadable = {} }, json, text) {
  if (json) printJson({ ...state, rows, unreadable });
  else print(text);
  if (state.skipped > 0) {
    hint(`${some(state.skipped, "row was", "rows were")} left out: another row had the same key or code.`);
    return EXIT.failed;
  }
  return EXIT.ok;
}

export const backupVerbs = [
  {
    name: "backup",
    arguments: "[FILE]",
    positionals: ["FILE"],
    optional: true,
    summary: "write the database into one sealed file",
    details: `The file is sealed under a key of its own, which is made beside it (FILE.key, mode 0600) unless
--key-file or LATCHKEY_BACKUP_KEY names one. Keep the key, MASTER_KEY and INDEX_KEY apart from the file:
all three are needed to have everything back. The service goes on serving meanwhile.`,
    options: KEY_OPTION,
    run: backup,
  },
  {
    name: "backup verify",
    arguments: "FILE",
    positionals: ["FILE"],
    summary: "have the service open every line of a backup",
    options: KEY_OPTION,
    run: verify,
  },
  {
    name: "backup keygen",
    arguments: "KEYFILE",
    positionals: ["KEYFILE"],
    summary: "make a key for backups, in a file of mode 0600",
    run: keygen,
  },
  {
    name: "restore",
    arguments: "FILE",
    positionals: ["FILE"],
    summary: "read a backup into an empty database",
    details: `First every line is opened, so that a damaged file changes nothing. A restore that was broken off goes
on when it is run again. Where MASTER_KEY or INDEX_KEY are not those of the backup it says what is lost,
and goes on with --accept-loss only.`,
    options: {
      ...KEY_OPTION,
      "dry-run": { type: "boolean", help: "open everything, say what would be lost, change nothing" },
      "accept-loss": { type: "boolean", help: "restore without what this service's keys don't open" },
    },
    run: restore,
  },
];
