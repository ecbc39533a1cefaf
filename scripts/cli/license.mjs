// latchkey license ...: one verb for each thing that can be done to a licence.
import { wholeNumber } from "./args.mjs";
import { DRY_RUN, dryQuery, saidDry } from "./dry_run.mjs";
import { UsageError } from "./errors.mjs";
import { FILTER_OPTIONS, oneOrAll } from "./license_changes.mjs";
import { licensePath, listTable, printLicense, STATUSES } from "./license_view.mjs";
import { cell, csvField, hint, plain, print, printJson, Table, when } from "./output.mjs";

const CREATE_COUNT_MAX = 100_000;
const CREATE_SLICE = 500;
const CODES_ONCE = "Codes are shown once: store them now.";

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

const CSV_COLUMNS = ["id", "code", "plan", "status", "expires_at", "max_machines", "note"];

function csvLine(license) {
  return CSV_COLUMNS.map((name) => csvField(plain(license[name] ?? ""))).join(",");
}

async function dryCreate(client, payload, count, json) {
  const answer = await client.send("POST", "/admin/licenses?dry_run=1", { ...payload, count }, { repeatable: true });
  if (json) answer.licenses.forEach(printJson);
  else printLicense(answer.licenses[0]);
  hint("A dry run: nothing was made.");
}

async function create({ values, makeClient, json }) {
  const payload = createPayload(values);
  const count = values.count === undefined ? 1 : wholeNumber("count", values.count, 1, CREATE_COUNT_MAX);
  if (payload.code !== undefined && count > 1)
    throw new UsageError("--code names one licence: it excludes --count.");
  if (values.csv && json) throw new UsageError("--csv excludes --json.");
  const client = makeClient();
  if (values["dry-run"]) return dryCreate(client, payload, Math.min(count, CREATE_SLICE), json);
  if (values.csv) print(CSV_COLUMNS.join(","));
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
    else if (values.csv) licenses.forEach((license) => print(csvLine(license)));
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

// change: the verb for one change of status, of one licence or of all that the filters find.
function change(action, summary, details) {
  return {
    name: `license ${action}`,
    arguments: "[LICENSE]",
    positionals: ["LICENSE"],
    optional: true,
    summary,
    details,
    options: {
      ...FILTER_OPTIONS,
      reason: {
        type: "string",
        value: "WORD",
        help: "why, one word of a-z 0-9 _ -, kept with the licence and in the audit log",
      },
      ...DRY_RUN,
    },
    run: (context) => oneOrAll(context, { act: action }, () => changeOne(context, action)),
  };
}

async function changeOne({ values, positionals, makeClient, json }, action) {
  const payload = values.reason === undefined ? {} : { reason: values.reason };
  const path = `${licensePath(positionals[0])}/${action}${dryQuery(values)}`;
  showOne(await makeClient().send("POST", path, payload, { repeatable: true }), json);
  saidDry(values);
}

async function reissue({ values, positionals, makeClient, json }) {
  const payload = values.code === undefined ? {} : { code: values.code };
  const path = `${licensePath(positionals[0])}/reissue${dryQuery(values)}`;
  const answer = await makeClient().send("POST", path, payload);
  const license = { ...answer.license, code: answer.code };
  showOne(license, json);
  if (!saidDry(values)) hint(`The old code no longer works. ${CODES_ONCE}`);
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
      csv: { type: "boolean", help: "print CSV" },
      ...DRY_RUN,
    },
    run: create,
  },
  {
    name: "license list",
    summary: "list licences",
    options: {
      status: { type: "string", value: "STATUS", choices: STATUSES, help: STATUSES.join(", ") },
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
    options: {
      code: { type: "string", value: "TEXT", help: "the new code (default: a generated one)" },
      ...DRY_RUN,
    },
    run: reissue,
  },
];
