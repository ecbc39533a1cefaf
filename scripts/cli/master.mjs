// latchkey master ...: the keys that seal what is stored.
import { DRY_RUN } from "./dry_run.mjs";
import { CliError } from "./errors.mjs";
import { hint, print, printFields, printJson } from "./output.mjs";

const PASSES_MAX = 5;
const UNREADABLE_SHOWN_MAX = 20;

async function status({ makeClient, json }) {
  const master = await makeClient().get("/admin/master");
  if (json) return printJson(master);
  printFields([
    ["seals", master.sealing_kid],
    ["open", master.kids.join(", ")],
  ]);
}

// One walk over everything that is sealed. A slice may be asked for twice: what is done is passed by.
async function walk(client, query, say) {
  const total = { looked_at: 0, rewrapped: 0, unreadable: [], kids: [], sealing_kid: "" };
  let cursor = null;
  do {
    const slice = await client.send("POST", `/admin/master/rewrap${query}`, { cursor }, { repeatable: true });
    Object.assign(total, { kids: slice.kids, sealing_kid: slice.sealing_kid });
    total.looked_at += slice.looked_at;
    total.rewrapped += slice.rewrapped;
    total.unreadable.push(...slice.unreadable);
    cursor = slice.next_cursor;
    say(`${slice.table}: ${total.looked_at} rows looked at, ${total.rewrapped} sealed anew`);
  } while (cursor !== null);
  return total;
}

async function count(client, json) {
  const total = await walk(client, "?dry_run=1", hint);
  if (total.unreadable.length > 0) throw unreadable(total);
  const { sealing_kid, looked_at, rewrapped } = total;
  if (json) printJson({ sealing_kid, looked_at, rewrapped, dry_run: true });
  else print(`${rewrapped} of ${looked_at} rows would be sealed anew under ${sealing_kid}. Nothing was changed.`);
}

// Walks until a whole walk finds nothing to do: an isolate that still runs with the old order of keys may
// have sealed something meanwhile.
async function rewrap({ values, makeClient, json }) {
  const client = makeClient();
  if (values["dry-run"]) return count(client, json);
  let rewrapped = 0;
  for (let pass = 1; pass <= PASSES_MAX; pass += 1) {
    const total = await walk(client, "", (text) => hint(`pass ${pass}, ${text}`)).catch((error) => {
      if (error instanceof CliError) error.lines.push("Run it again when this is mended: what is done is passed by.");
      throw error;
    });
    rewrapped += total.rewrapped;
    if (total.unreadable.length > 0) throw unreadable(total);
    if (total.rewrapped === 0) return report({ ...total, rewrapped }, json);
  }
  throw new CliError("Values under another key kept appearing.", undefined, [
    "Is a Worker with an older MASTER_KEY still running? Deploy, wait a minute, and run this again.",
  ]);
}

function unreadable({ unreadable: ids, kids }) {
  const shown = ids.slice(0, UNREADABLE_SHOWN_MAX);
  return new CliError(`${ids.length} rows open under none of the keys ${kids.join(", ")}.`, undefined, [
    ...shown,
    "They were left as they are. Add the key that sealed them to MASTER_KEY.",
  ]);
}

function report({ sealing_kid, kids, looked_at, rewrapped }, json) {
  const unused = kids.filter((kid) => kid !== sealing_kid);
  if (json) return printJson({ sealing_kid, unused_kids: unused, looked_at, rewrapped });
  print(`Everything stored is sealed under ${sealing_kid} (${rewrapped} values sealed anew).`);
  if (unused.length > 0) hint(`No longer used: ${unused.join(", ")}. A day from now take them out of MASTER_KEY and deploy.`);
}

export const masterVerbs = [
  { name: "master status", summary: "show which master key seals and which ones open", run: status },
  {
    name: "master rewrap",
    summary: "seal everything stored under the first master key",
    details: `First add the new key at the end of MASTER_KEY and deploy, then put it first and deploy again.
This may be broken off at any time and run again: what is sealed under the first key is passed by.
It ends when a whole walk over the database finds nothing under another key, and says which keys
of MASTER_KEY are unused then. A dry run walks once and counts.`,
    options: DRY_RUN,
    run: rewrap,
  },
];
