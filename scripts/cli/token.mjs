// latchkey token ...: the named tokens of admins and machines, and the switch of the bootstrap token.
import { DRY_RUN, dryQuery, saidDry } from "./dry_run.mjs";
import { UsageError } from "./errors.mjs";
import { cell, hint, printFields, printJson, Table, when } from "./output.mjs";

const DAY_MS = 86_400_000;
const DAYS_MAX = 36_500;

// expiry: `90d` is that many days from now; anything else is for the service to read.
export function expiry(text, now = Date.now()) {
  const days = /^(\d{1,6})d$/.exec(text);
  if (days === null) {
    if (/^\d{4}-\d\d-\d\d/.test(text)) return text;
    throw new UsageError("--expires must be days such as 90d, a date or an RFC 3339 time.");
  }
  const count = Number(days[1]);
  if (count < 1 || count > DAYS_MAX) throw new UsageError(`--expires must be 1d to ${DAYS_MAX}d.`);
  return new Date(now + count * DAY_MS).toISOString().replace(/\.\d+Z$/, "Z");
}

function fieldsOf(token) {
  return [
    ["id", cell(token.id)],
    ["name", cell(token.name)],
    ["status", cell(token.status)],
    ["scopes", cell(token.scopes?.join(" "))],
    ["expires", when(token.expires_at, "never")],
  ];
}

async function create({ values, positionals, makeClient, json }) {
  const [name] = positionals;
  if (values.scope === undefined) {
    throw new UsageError("Give at least one --scope.", [
      "For instance: latchkey token create ci --scope licenses:read --scope licenses:write",
    ]);
  }
  const payload = { name, scopes: values.scope };
  if (values.expires !== undefined) payload.expires_at = expiry(values.expires);
  const token = await makeClient().send("POST", `/admin/tokens${dryQuery(values)}`, payload);
  if (json) printJson(token);
  else printFields([...fieldsOf(token), ["token", cell(token.token)]]);
  if (!saidDry(values)) hint("The token is shown once: store it now.");
}

async function list({ makeClient, json }) {
  const table = new Table([
    ["ID", (row) => cell(row.id)],
    ["NAME", (row) => cell(row.name)],
    ["STATUS", (row) => cell(row.status)],
    ["SCOPES", (row) => cell(row.scopes?.join(" "))],
    ["EXPIRES (UTC)", (row) => when(row.expires_at, "never")],
    ["LAST USED", (row) => when(row.last_used_at, "never")],
    ["MADE BY", (row) => cell(row.created_by)],
  ]);
  let count = 0;
  for await (const rows of makeClient().pages("/admin/tokens", {})) {
    if (json) rows.forEach(printJson);
    else if (rows.length > 0) table.add(rows);
    count += rows.length;
  }
  if (!json) hint(count === 1 ? "1 token." : `${count} tokens.`);
}

async function revoke({ values, positionals, makeClient, json }) {
  const [id] = positionals;
  if (!/^tok_[A-Za-z0-9]+$/.test(id)) {
    // Not repeated: it may be the token itself.
    throw new UsageError("TOKEN must be a token's id (tok_...).", ["Find it with: latchkey token list"]);
  }
  const token = await makeClient().send("DELETE", `/admin/tokens/${id}${dryQuery(values)}`, undefined, { repeatable: true });
  if (json) printJson(token);
  else printFields(fieldsOf(token));
  saidDry(values);
}

async function bootstrap({ values, positionals, makeClient, json }) {
  const [wanted] = positionals;
  if (!["on", "off"].includes(wanted)) throw new UsageError("latchkey token bootstrap takes on or off.");
  const payload = { enabled: wanted === "on" };
  const answer = await makeClient().send("PUT", `/admin/tokens/bootstrap${dryQuery(values)}`, payload, { repeatable: true });
  if (json) printJson(answer);
  else printFields([["bootstrap", answer.enabled ? "on" : "off"]]);
  saidDry(values);
}

export const tokenVerbs = [
  {
    name: "token create",
    arguments: "NAME",
    positionals: ["NAME"],
    summary: "make a named admin token, shown once",
    details: `Its scopes are those it is given, and a token gives only what it holds. For instance:
  latchkey token create ci --scope licenses:read --scope licenses:write --expires 90d
  latchkey token create ann --scope '*'`,
    options: {
      scope: { type: "string", value: "SCOPE", multiple: true, help: "what it may do; give it again for more, '*' for all" },
      expires: { type: "string", value: "WHEN", help: "its end: 90d, a date or an RFC 3339 time (default: never)" },
      ...DRY_RUN,
    },
    run: create,
  },
  { name: "token list", summary: "list the admin tokens, refused ones too", run: list },
  {
    name: "token revoke",
    arguments: "TOKEN",
    positionals: ["TOKEN"],
    summary: "refuse an admin token from its next request on",
    details: "TOKEN is its id (tok_...). Revoking twice is no error.",
    options: DRY_RUN,
    run: revoke,
  },
  {
    name: "token bootstrap",
    arguments: "on|off",
    positionals: ["on|off"],
    summary: "switch ADMIN_TOKEN, the bootstrap token, on or off",
    details: `Off is refused unless a live token with the scope tokens:write or * exists. On takes such a token,
by LATCHKEY_ADMIN_TOKEN.`,
    options: DRY_RUN,
    run: bootstrap,
  },
];
