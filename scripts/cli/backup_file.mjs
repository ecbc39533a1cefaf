// The file of a backup and its key, on this machine: written whole or not at all, read line by line.
import crypto from "node:crypto";
import fs from "node:fs";
import readline from "node:readline";

import { isBackupKey, makeBackupKey } from "../lib/backup_key.mjs";
import { CliError, UsageError } from "./errors.mjs";
import { hint } from "./output.mjs";

export const lineHash = (line) => crypto.createHash("sha256").update(line).digest("base64url");

function checked(text, source) {
  const key = text.trim();
  if (!isBackupKey(key)) throw new UsageError(`${source} holds no key of a backup (lk_backup_..., with a checksum).`);
  return key;
}

function keyOfFile(file) {
  let text;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`The key ${file} can't be read (${error.code ?? error.message}).`, [
      "Name it with --key-file, or put it into LATCHKEY_BACKUP_KEY.",
    ]);
  }
  return checked(text, file);
}

// readKey: from --key-file, LATCHKEY_BACKUP_KEY, or the file that was made beside the backup.
export function readKey(keyFile, backupFile, env = process.env) {
  if (keyFile !== undefined) return keyOfFile(keyFile);
  if (env.LATCHKEY_BACKUP_KEY) return checked(env.LATCHKEY_BACKUP_KEY, "LATCHKEY_BACKUP_KEY");
  return keyOfFile(`${backupFile}.key`);
}

// writeKey: a fresh key, into a file that nobody else reads.
export function writeKey(file) {
  const key = makeBackupKey();
  try {
    fs.writeFileSync(file, `${key}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw new UsageError(`The key ${file} can't be written (${error.code ?? error.message}).`);
  }
  hint(`A fresh key is in ${file}. Keep it apart from the backup: without it the backup is lost.`);
  return key;
}

// findKey: for a new backup: the one that is named, or a fresh one.
export function findKey(keyFile, backupFile, env = process.env) {
  const file = keyFile ?? `${backupFile}.key`;
  if (keyFile === undefined && env.LATCHKEY_BACKUP_KEY) return readKey(undefined, backupFile, env);
  return fs.existsSync(file) ? keyOfFile(file) : writeKey(file);
}

// FileWriter: lines go to FILE.part, which becomes FILE once all are on the disk.
export class FileWriter {
  #file;
  #part;
  #descriptor;
  bytes = 0;

  // replaces: what --force says, of a verb that has it.
  constructor(file, { replaces } = {}) {
    if (!replaces && fs.existsSync(file)) {
      const force = replaces === undefined ? "" : ", or use --force";
      throw new UsageError(`${file} is there already: name another file${force}.`);
    }
    this.#file = file;
    this.#part = `${file}.part`;
    try {
      this.#descriptor = fs.openSync(this.#part, "w", 0o600);
    } catch (error) {
      throw new UsageError(`${this.#part} can't be written (${error.code ?? error.message}).`);
    }
  }

  line(text) {
    this.text(`${text}\n`);
  }

  text(text) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(this.#descriptor, bytes, at);
    this.bytes += bytes.length;
  }

  finish() {
    fs.fsyncSync(this.#descriptor);
    fs.closeSync(this.#descriptor);
    fs.renameSync(this.#part, this.#file);
  }

  discard() {
    fs.closeSync(this.#descriptor);
    fs.rmSync(this.#part, { force: true });
  }
}

// linesOf: {text, number, previous} of each line, the header first; constant memory.
export async function* linesOf(file) {
  let input;
  try {
    input = fs.createReadStream(file, { fd: fs.openSync(file, "r") });
  } catch (error) {
    throw new UsageError(`${file} can't be read (${error.code ?? error.message}).`);
  }
  let number = 0;
  let previous = null;
  try {
    for await (const text of readline.createInterface({ input, crlfDelay: Infinity })) {
      yield { text, number, previous };
      previous = lineHash(text);
      number += 1;
    }
  } finally {
    input.destroy();
  }
}

// survey: a file's header and its last line.
export async function survey(file) {
  let header = null;
  let last = null;
  for await (const line of linesOf(file)) {
    header ??= line;
    last = line;
  }
  let fields = null;
  try {
    fields = JSON.parse(header?.text);
  } catch {
    // Judged below.
  }
  if (fields?.format !== "latchkey-backup" || typeof fields.backup_id !== "string") {
    throw new CliError(`${file} is no backup: its first line is no header of one.`);
  }
  if (last.number === 0) throw new CliError(`${file} is cut off: it holds nothing but its header.`);
  return { header: header.text, fields, last };
}
