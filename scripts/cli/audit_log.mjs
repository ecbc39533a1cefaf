// The audit log as the service gives it: its head, and the lines of an export.
import fs from "node:fs";

import { CliError, UnreachableError, UsageError } from "./errors.mjs";
import { hint, plain } from "./output.mjs";

const LINES_A_PAGE = 1000;
const LINES_A_REPORT = 100_000;
const CHECKPOINTS_MAX = 10_000;
const HEADER_BYTES_MAX = 256 * 1024;

// makeCheckpoint: has the service hash what is new and sign its head. Over a long log that takes several calls, each of
// which comes further.
export async function makeCheckpoint(client) {
  let before = null;
  for (;;) {
    try {
      return await client.send("POST", "/admin/audit/checkpoint", {});
    } catch (error) {
      const goesOn = error instanceof UnreachableError && / of \d+ records/.test(error.message) && error.message !== before;
      if (!goesOn) throw error;
      before = error.message;
      hint(/\d+ of \d+ records/.exec(error.message)[0].replace(/$/, " hashed"));
    }
  }
}

async function olderCheckpoints(client, head) {
  const older = [];
  for await (const rows of client.pages("/admin/audit/checkpoints", {})) {
    older.push(...rows.filter(({ size }) => size > head.first && size < head.size));
    if (older.length > CHECKPOINTS_MAX) break;
  }
  return older.slice(0, CHECKPOINTS_MAX).reverse();
}

async function* records(client, head) {
  let after = head.first;
  while (after < head.size) {
    const limit = Math.min(LINES_A_PAGE, head.size - after);
    const page = await client.get(`/admin/audit/records?after=${after}&limit=${limit}`);
    if (page.after !== after || !Array.isArray(page.data) || page.data.length === 0) {
      throw new CliError(`Unexpected answer to /admin/audit/records: nothing after record ${after}.`);
    }
    yield* page.data;
    const until = after + page.data.length;
    if (Math.floor(until / LINES_A_REPORT) > Math.floor(after / LINES_A_REPORT)) hint(`${until} of ${head.size} records`);
    after = until;
  }
}

// exportLines: the lines of an export whose newest checkpoint is `head`, each with its line feed.
export async function* exportLines(client, head) {
  const older = await olderCheckpoints(client, head);
  const { before, note: checkpoint, first } = head;
  const sizes = older.map(({ size }) => size);
  yield `${JSON.stringify({ before, checkpoint, first, format: "latchkey-audit/1", sizes })}\n`;
  let size = first;
  let next = 0;
  for await (const line of records(client, head)) {
    yield `${line}\n`;
    size += 1;
    if (sizes[next] === size) yield `${JSON.stringify({ checkpoint: older[next++].note })}\n`;
  }
}

// noteIn: the checkpoint in an export's first line, in the message that a webhook got, or in a file that is one.
function noteIn(text) {
  try {
    const line = JSON.parse(text.split("\n")[0]);
    return line.checkpoint ?? line.data?.checkpoint;
  } catch {
    return text;
  }
}

// headOf: {note, name, size} of a file's checkpoint, as it says; nothing of it is proved.
export function headOf(file) {
  let text;
  try {
    const descriptor = fs.openSync(file, "r");
    const buffer = Buffer.alloc(HEADER_BYTES_MAX);
    text = buffer.toString("utf8", 0, fs.readSync(descriptor, buffer));
    fs.closeSync(descriptor);
  } catch (error) {
    throw new UsageError(`${file} can't be read (${error.code ?? error.message}).`);
  }
  const note = noteIn(text);
  const [name, size] = typeof note === "string" ? note.split("\n") : [];
  if (!name || !/^\d{1,15}$/.test(size ?? "")) throw new CliError(`${plain(file)} is no exported log and no checkpoint.`);
  return { note, name, size: Number(size) };
}
