// latchkey rotation ...: replacing a provider's key while clients go on. A key comes in on stdin only.
import { DRY_RUN, dryQuery, saidDry } from "./dry_run.mjs";
import { UsageError } from "./errors.mjs";
import { cell, hint, plain, printFields, printJson, Table, when } from "./output.mjs";
import { checkProvider, NEVER_AN_ARGUMENT, readKey } from "./provider.mjs";

const GRACE_DAYS_MAX = 365;

function rotationPath(id) {
  if (!/^rot_[A-Za-z0-9]+$/.test(id)) {
    throw new UsageError(`'${cell(id)}' is not a rotation id (rot_...).`, ["Find it with: latchkey rotation list"]);
  }
  return `/admin/rotations/${id}`;
}

function graceDays(text) {
  const days = /^(\d{1,3})d$/.exec(text)?.[1];
  if (days === undefined || Number(days) > GRACE_DAYS_MAX) {
    throw new UsageError(`--grace must be a number of days from 0d to ${GRACE_DAYS_MAX}d, for instance 30d.`);
  }
  return Number(days);
}

function startBody(provider, values) {
  if (values.emergency && (values.grace !== undefined || values["publish-at"] !== undefined)) {
    throw new UsageError("--emergency has no grace and does not wait: leave out --grace and --publish-at.");
  }
  const body = { provider };
  if (values.grace !== undefined) body.grace_days = graceDays(values.grace);
  if (values["no-verify"]) body.verify = false;
  if (values.emergency) body.emergency = true;
  if (values["publish-at"] !== undefined) body.publish_at = values["publish-at"];
  if (values["ends-by"] !== undefined) {
    if (!["time", "adoption"].includes(values["ends-by"])) {
      throw new UsageError("--ends-by must be time or adoption.");
    }
    body.ends_by = values["ends-by"];
  }
  return body;
}

function versions(row) {
  return `${row.from_version ?? "-"} -> ${row.to_version}`;
}

function adoptionText({ active, holding, lagging }) {
  const oldest = lagging.count > 0 ? `, the longest away since ${when(lagging.oldest_seen_at)}` : "";
  return `${holding} of ${active} machines hold the new key${oldest}`;
}

function printRotation(rotation, json) {
  if (json) return printJson(rotation);
  const fields = [
    ["id", cell(rotation.id)],
    ["provider", cell(rotation.provider)],
    ["state", cell(rotation.state)],
    ["versions", versions(rotation)],
    ["verdict", rotation.verdict ? `${cell(rotation.verdict)} (${cell(rotation.verdict_detail)})` : "-"],
    ["publish at", when(rotation.publish_at)],
    ["published", when(rotation.published_at)],
    ["grace ends", rotation.ends_by === "adoption" && !rotation.grace_ends_at ? "by adoption" : when(rotation.grace_ends_at)],
    ["old key", cell(rotation.old_key_verdict)],
  ];
  if (rotation.adoption) fields.push(["adoption", adoptionText(rotation.adoption)]);
  printFields(fields);
  hint(plain(rotation.message));
}

async function start({ values, positionals, makeClient, json }) {
  const [provider] = positionals;
  checkProvider(provider);
  const body = startBody(provider, values);
  const client = makeClient();
  const api_key = await readKey(provider, "rotation start");
  const path = `/admin/rotations${dryQuery(values)}`;
  // The same key again is the same rotation, so it may be sent twice.
  const rotation = await client.send("POST", path, { ...body, api_key }, { repeatable: true });
  printRotation(rotation, json);
  saidDry(values);
  return rotation.state === "failed" ? 1 : undefined;
}

async function list({ makeClient, json }) {
  const table = new Table([
    ["ID", (row) => cell(row.id)],
    ["PROVIDER", (row) => cell(row.provider)],
    ["STATE", (row) => cell(row.state)],
    ["VERSIONS", versions],
    ["STARTED (UTC)", (row) => when(row.created_at)],
    ["PUBLISHED", (row) => when(row.published_at)],
    ["GRACE ENDS", (row) => when(row.grace_ends_at)],
    ["OLD KEY", (row) => cell(row.old_key_verdict)],
  ]);
  let count = 0;
  for await (const rows of makeClient().pages("/admin/rotations", {})) {
    if (json) rows.forEach(printJson);
    else if (rows.length > 0) table.add(rows);
    count += rows.length;
  }
  if (!json) hint(count === 1 ? "1 rotation." : `${count} rotations.`);
}

async function show({ positionals, makeClient, json }) {
  printRotation(await makeClient().get(rotationPath(positionals[0])), json);
}

function act(name) {
  return async ({ values, positionals, makeClient, json }) => {
    const path = `${rotationPath(positionals[0])}/${name}${dryQuery(values)}`;
    const rotation = await makeClient().send("POST", path, {}, { repeatable: true });
    printRotation(rotation, json);
    saidDry(values);
    return rotation.state === "failed" ? 1 : undefined;
  };
}

function verb(name, summary, details) {
  return {
    name: `rotation ${name}`,
    arguments: "ROTATION",
    positionals: ["ROTATION"],
    summary,
    details,
    options: name === "show" ? {} : DRY_RUN,
    run: name === "show" ? show : act(name),
  };
}

export const rotationVerbs = [
  {
    name: "rotation start",
    arguments: "PROVIDER",
    positionals: ["PROVIDER"],
    surplus: NEVER_AN_ARGUMENT,
    summary: "begin to replace a provider's key; the new one is read from stdin",
    details: `${NEVER_AN_ARGUMENT}
The key is stored sealed and the provider is asked whether it takes it; clients get it once it is published.
The same key again is the same rotation. For instance:
  latchkey rotation start deepseek < key.txt
  latchkey rotation publish rot_...`,
    options: {
      grace: { type: "string", value: "DAYS", help: "how long the old key must stay valid after it, 30d" },
      "no-verify": { type: "boolean", help: "do not ask the provider; publish at once" },
      emergency: { type: "boolean", help: "the old key leaked: publish once verified, without a grace" },
      "ends-by": { type: "string", value: "time|adoption", help: "what ends the grace: its days, or that machines have the key" },
      "publish-at": { type: "string", value: "TIME", help: "publish then, for instance 2027-01-31T09:00:00Z" },
      "dry-run": { type: "boolean", help: "ask the provider, store nothing" },
    },
    run: start,
  },
  { name: "rotation list", summary: "list rotations, newest first", run: list },
  verb("show", "show a rotation, and how many machines hold the new key"),
  verb("verify", "ask the provider again whether it takes the new key"),
  verb("publish", "give the new key to clients", "The old key goes into its grace: keep it valid at the provider."),
  verb("cancel", "give up a rotation that is not published", "The new key is deleted; clients never saw it."),
  verb("retire", "end the grace of the old key now", "Asks the provider whether it still takes the old key, and deletes it here."),
];
