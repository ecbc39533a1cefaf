// latchkey provider ...: the keys of the LLM providers. A key comes in on stdin only.
import { DRY_RUN, dryQuery, saidDry } from "./dry_run.mjs";
import { CliError, UsageError } from "./errors.mjs";
import { cell, hint, printFields, printJson, Table, when } from "./output.mjs";

const KEY_BYTES_MAX = 4096;

export const NEVER_AN_ARGUMENT =
  "The key is read from stdin, never from an argument: arguments show in process lists and shell histories.";

async function list({ makeClient, json }) {
  const { data } = await makeClient().get("/admin/providers");
  if (json) return data.forEach(printJson);
  new Table([
    ["PROVIDER", (row) => cell(row.provider)],
    ["SOURCE", (row) => cell(row.source)],
    ["VERSION", (row) => cell(row.version)],
    ["UPDATED (UTC)", (row) => when(row.updated_at)],
    ["ROTATION DUE", (row) => (row.rotation_due ? "yes" : "no")],
    ["CHECKED (UTC)", (row) => (row.key_check ? `${when(row.key_check.checked_at)} ${cell(row.key_check.verdict)}` : "-")],
  ]).add(data);
}

async function readPipe(stream) {
  const chunks = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > KEY_BYTES_MAX + 2) throw new UsageError(`The key on stdin is over ${KEY_BYTES_MAX} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

// readHidden: a line typed on the terminal, not shown.
function readHidden(question) {
  process.stdin.setRawMode(true);
  process.stdin.setEncoding("utf8");
  process.stderr.write(question);
  return new Promise((resolve, reject) => {
    let text = "";
    const finish = (settle) => {
      process.stdin.setRawMode(false);
      process.stdin.pause();
      process.stderr.write("\n");
      settle();
    };
    process.stdin.on("data", (input) => {
      for (const character of input) {
        if (character === "\r" || character === "\n") return finish(() => resolve(text));
        if (character === "\u0003" || character === "\u0004") {
          return finish(() => reject(new CliError("Given up: no key read.")));
        }
        if (character === "\u007f" || character === "\b") text = text.slice(0, -1);
        else text += character;
      }
    });
  });
}

export function checkProvider(provider) {
  if (!/^[a-z][a-z0-9_-]{0,63}$/.test(provider)) {
    throw new UsageError("PROVIDER must be the name of a provider, for instance deepseek.");
  }
}

// readKey: a provider's key from stdin; `verb` is what is typed before the provider.
export async function readKey(provider, verb = "provider set") {
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  const text = isTerminal ? await readHidden(`Key of ${provider}: `) : await readPipe(process.stdin);
  const key = text.replace(/\r?\n$/, "");
  if (key === "")
    throw new UsageError("No key on stdin.", [`For instance: latchkey ${verb} ${provider} < key.txt`]);
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new UsageError("The key on stdin must be one line of printable ASCII without spaces.");
  }
  if (key.length > KEY_BYTES_MAX) throw new UsageError(`The key on stdin is over ${KEY_BYTES_MAX} bytes.`);
  return key;
}

async function set({ values, positionals, makeClient, json }) {
  const [provider] = positionals;
  checkProvider(provider);
  const client = makeClient();
  const key = await readKey(provider);
  const answer = await client.send("PUT", `/admin/providers/${provider}${dryQuery(values)}`, { api_key: key });
  if (json) return printJson(answer);
  printFields([
    ["provider", cell(answer.provider)],
    ["source", cell(answer.source)],
    ["version", cell(answer.version)],
  ]);
  if (!saidDry(values)) hint("Clients get the new key with their next provisioning.");
}

export const providerVerbs = [
  { name: "provider list", summary: "list the providers and where their keys come from", run: list },
  {
    name: "provider set",
    arguments: "PROVIDER",
    positionals: ["PROVIDER"],
    surplus: NEVER_AN_ARGUMENT,
    summary: "store a new key of a provider, read from stdin",
    details: `${NEVER_AN_ARGUMENT}
On a terminal it asks, without showing what is typed. For instance:
  latchkey provider set deepseek < key.txt`,
    options: DRY_RUN,
    run: set,
  },
];
