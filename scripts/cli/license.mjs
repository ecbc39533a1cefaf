// latchkey license ...: one verb for each thing that can be done to a licence.
import { wholeNumber } from "./args.mjs";
import { UsageError } from "./errors.mjs";
import { cell, hint, printFields, printJson, Table, when } from "./output.mjs";

const CREATE_COUNT_MAX = 100_000;
const CREATE_SLICE = 500;
const STATUSES = ["active", "suspended", "revoked", "expired"];
const CODES_ONCE = "Codes are shown once: store them now.";

// licensePath: the API path of a licence named by id. A code is refused: codes do not
// belong in a process list or a shell history.
export function licensePath(id) {
  if (!/^lic_[A-Za-z0-9]+$/.test(id)) {
    throw new UsageError(`'${cell(id)}' is not a licence id (lic_...).`, [
      'Find the id with: latchkey license list --holder "name or e-mail"',
    ]);
  }
  return `/admin/licenses/${id}`;
}

function machines(license) {
  return `${license.machines_used ?? "?"}/${license.max_machines ?? "?"}`;
}

function holder(license) {
  const { name, email } = license.holder ?? {};
  if (name && email) return cell(`${name} <${email}>`);
  return cell(name ?? email);
}

function status(license) {
  return license.status_reason
    ? `${cell(license.status)} (${cell(license.status_reason)})`
    : cell(license.status);
}

function listTable() {
  return new Table([
    ["ID", (row) => cell(row.id)],
    ["CODE", (row) => cell(row.code_hint)],
    ["PLAN", (row) => cell(row.plan)],
    ["STATUS", (row) => cell(row.status)],
    ["EXPIRES (UTC)", (row) => when(row.expires_at, "never")],
    ["MACHINES", machines],
    ["LAST PROVISION", (row) => when(row.last_provision_at, "never")],
    ["HOLDER", holder],
  ]);
}

function printLicense(license) {
  printFields([
    ["id", cell(license.id)],
    ...(license.code ? [["code", cell(license.code)]] : [["code hint", cell(license.code_hint)]]),
    ["kind", cell(license.kind)],
    ["plan", cell(license.plan)],
    ["status", status(license)],
    ["expires", when(license.expires_at, "never")],
    ["machines", machines(license)],
    ["holder", holder(license)],
    ["note", cell(license.note)],
    ["first provision", when(license.first_provision_at, "never")],
    ["last provision", when(license.last_provision_at, "never")],
    ["created", when(license.created_at)],
    ["updated", when(license.updated_at)],
  ]);
}

function createPayload(values) {
  const payload = { plan: values.plan ?? "pro" };
  if (values.code !== undefined) payload.code = values.code;
  if (values["expires-at"] !== undefined) {
    payload.expires_at = values["expires-at"] === "never" ? null : values["expires-at"];
  }
  if (values["max-machines"] !== undefined) {
    payload.max_machines = wholeNumber("max-machines", values["max-machines"], 1, 1000);
  }
  const who = {};
  if (values["holder-name"] !== undefined) who.name = values["holder-name"];
  if (values["holder-email"] !== undefined) who.email = values["holder-email"];
  if (Object.keys(who).length > 0) payload.holder = who;
  if (values.note !== undefined) payload.note = values.note;
  return payload;
}

async function create({ values, makeClient, json }) {
  const payload = createPayload(values);
  const count = values.count === undefined ? 1 : wholeNumber("count", values.count, 1, CREATE_COUNT_MAX);
  if (payload.code !== undefined && count > 1)
    throw new UsageError("--code names one licence: it excludes --count.");
  const client = makeClient();
  const table = new Table([
    ["ID", (row) => cell(row.id)],
    ["CODE", (row) => cell(row.code)],
    ["PLAN", (row) => cell(row.plan)],
    ["EXPIRES (UTC)", (row) => when(row.expires_at, "never")],
  ]);
  for (let done = 0; done < count;) {
    const slice = Math.min(CREATE_SLICE, count - done);
    const { licenses } = await client.send("POST", "/admin/licenses", { ...payload, count: slice });
    // Printed at once: if a later slice fails, these codes are not lost.
    if (json) licenses.forEach(printJson);
    else if (count === 1) licenses.forEach(printLicense);
    else table.add(licenses);
    done += slice;
    if (count > CREATE_SLICE) hint(`Created ${done} of ${count}.`);
  }
  hint(CODES_ONCE);
}

async function list({ values, makeClient, json }) {
  const query = {};
  if (values.status !== undefined) {
    if (!STATUSES.includes(values.status))
      throw new UsageError(`--status must be one of: ${STATUSES.join(", ")}.`);
    query.status = values.status;
  }
  if (values.plan !== undefined) query.plan = values.plan;
  if (values["never-provisioned"]) query.never_provisioned = "1";
  if (values.holder !== undefined) query.holder = values.holder;
  const limit = values.limit === undefined ? Infinity : wholeNumber("limit", values.limit, 1, 100_000_000);
  const table = listTable();
  let count = 0;
  for await (const rows of makeClient().pages("/admin/licenses", query, { limit })) {
    if (json) rows.forEach(printJson);
    else if (rows.length > 0) table.add(rows);
    count += rows.length;
  }
  if (!json) hint(count === 1 ? "1 licence." : `${count} licences.`);
}

function showOne(license, json) {
  if (json) printJson(license);
  else printLicense(license);
}

async function show({ positionals, makeClient, json }) {
  showOne(await makeClient().get(licensePath(positionals[0])), json);
}

// change: the verb for one change of status.
function change(action, summary, details) {
  return {
    name: `license ${action}`,
    arguments: "LICENSE",
    positionals: ["LICENSE"],
    summary,
    details,
    options: {
      reason: { type: "string", value: "WORD", help: "why, one word of a-z 0-9 _ -, kept with the licence and in the audit log" },
    },
    async run({ values, positionals, makeClient, json }) {
      const payload = values.reason === undefined ? {} : { reason: values.reason };
      const path = `${licensePath(positionals[0])}/${action}`;
      showOne(await makeClient().send("POST", path, payload, { repeatable: true }), json);
    },
  };
}

async function reissue({ values, positionals, makeClient, json }) {
  const payload = values.code === undefined ? {} : { code: values.code };
  const answer = await makeClient().send("POST", `${licensePath(positionals[0])}/reissue`, payload);
  const license = { ...answer.license, code: answer.code };
  showOne(license, json);
  hint(`The old code no longer works. ${CODES_ONCE}`);
}

export const licenseVerbs = [
  {
    name: "license create",
    summary: "make a licence, or many",
    details: `Prints each licence with its code, which is shown only here. With --json an object a
licence, with --count one a line, with id and code among its members.`,
    options: {
      plan: { type: "string", value: "PLAN", help: "plan (default pro)" },
      count: { type: "string", value: "N", help: `how many (default 1, at most ${CREATE_COUNT_MAX})` },
      code: {
        type: "string",
        value: "TEXT",
        help: "a simple code or an e-mail address (default: a generated code)",
      },
      "expires-at": {
        type: "string",
        value: "TIME",
        help: "a date, an RFC 3339 time or 'never' (default: the plan's length)",
      },
      "max-machines": { type: "string", value: "N", help: "seats (default: the plan's)" },
      "holder-name": { type: "string", value: "NAME", help: "who holds it; stored sealed" },
      "holder-email": { type: "string", value: "EMAIL", help: "e-mail of the holder; stored sealed" },
      note: { type: "string", value: "TEXT", help: "a note for admins" },
    },
    run: create,
  },
  {
    name: "license list",
    summary: "list licences",
    options: {
      status: { type: "string", value: "STATUS", help: STATUSES.join(", ") },
      plan: { type: "string", value: "PLAN", help: "of this plan" },
      "never-provisioned": { type: "boolean", help: "never used to fetch keys" },
      holder: { type: "string", value: "TEXT", help: "whole name or e-mail address of the holder" },
      limit: { type: "string", value: "N", help: "at most so many (default: all)" },
    },
    run: list,
  },
  {
    name: "license show",
    arguments: "LICENSE",
    positionals: ["LICENSE"],
    summary: "show one licence",
    run: show,
  },
  change("revoke", "end a licence for good", "Refused at the next request. Revoking twice is no error."),
  change("suspend", "refuse a licence until it is reinstated"),
  change("reinstate", "accept a suspended licence again", "A revoked licence can not be reinstated."),
  {
    name: "license reissue",
    arguments: "LICENSE",
    positionals: ["LICENSE"],
    summary: "give a licence a new code",
    details: "Same seats and history; the old code stops working. The new code is shown only here.",
    options: { code: { type: "string", value: "TEXT", help: "the new code (default: a generated one)" } },
    run: reissue,
  },
];
