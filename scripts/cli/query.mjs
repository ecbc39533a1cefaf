// latchkey query ...: the queries of the cookbook, run by the service. They only read.
import { nearest, wholeNumber } from "./args.mjs";
import { UsageError } from "./errors.mjs";
import { cell, csvField, hint, plain, print, printJson, Table } from "./output.mjs";
import { csvCell } from "./usage.mjs";

const FORMATS = ["table", "json", "ndjson", "csv"];
const ROWS_MAX = 1000;

// takes: "days=30 license=..." as a user would give them.
const takes = (query) =>
  query.parameters.map(({ name, required, default: value }) => `${name}=${required ? "..." : value}`).join(" ");

async function list({ makeClient, json }) {
  const { data } = await makeClient().get("/admin/queries");
  if (json) return data.forEach(printJson);
  new Table([
    ["NAME", (query) => cell(query.name)],
    ["PARAMETERS", (query) => cell(takes(query))],
    ["ANSWERS", (query) => cell(query.title)],
  ]).add(data);
}

// parametersOf: what --param says, each of the type that the query wants.
function parametersOf(query, given) {
  const parameters = {};
  for (const text of given) {
    const [, name, value] = /^([a-z_]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined) throw new UsageError(`--param must be NAME=VALUE, and '${plain(text)}' is not.`);
    const parameter = query.parameters.find((one) => one.name === name);
    if (!parameter) {
      throw new UsageError(`${query.name} has no parameter '${name}'. It takes: ${takes(query) || "none"}.`);
    }
    if (Object.hasOwn(parameters, name)) throw new UsageError(`--param ${name} is given twice.`);
    parameters[name] =
      parameter.type === "integer" ? wholeNumber(`param ${name}`, value, parameter.minimum, parameter.maximum) : value;
  }
  const missing = query.parameters.find(({ name, required }) => required && !Object.hasOwn(parameters, name));
  if (missing) {
    throw new UsageError(`${query.name} needs --param ${missing.name}=...: ${plain(missing.description)}`);
  }
  return parameters;
}

const asObject = ({ columns }, row) => Object.fromEntries(columns.map((name, i) => [name, row[i]]));

const printers = {
  table(answer) {
    if (answer.rows.length === 0) return;
    new Table(answer.columns.map((name, i) => [plain(name).toUpperCase(), (row) => cell(row[i])])).add(answer.rows);
  },
  json: printJson,
  ndjson: (answer) => answer.rows.forEach((row) => printJson(asObject(answer, row))),
  csv({ columns, rows }) {
    print(columns.map(csvField).join(","));
    for (const row of rows) print(row.map((value) => (value === null ? "" : csvCell(value))).join(","));
  },
};

async function run({ positionals, values, makeClient, json }) {
  const format = values.format ?? (json ? "json" : "table");
  if (!FORMATS.includes(format)) throw new UsageError(`--format must be ${FORMATS.join(", ")}.`);
  const limit = values.limit === undefined ? ROWS_MAX : wholeNumber("limit", values.limit, 1, ROWS_MAX);
  const client = makeClient();
  const { data } = await client.get("/admin/queries");
  const query = data.find(({ name }) => name === positionals[0]);
  if (!query) {
    const near = nearest(positionals[0], data.map(({ name }) => name));
    const guess = near === null ? "" : ` Did you mean ${near}?`;
    throw new UsageError(`There is no query '${plain(positionals[0])}'.${guess}`, ["See: latchkey query list"]);
  }
  const parameters = parametersOf(query, values.param ?? []);
  const path = `/admin/queries/${query.name}`;
  const answer = await client.send("POST", path, { parameters, limit }, { repeatable: true });
  printers[format](answer);
  const rows = answer.rows.length === 1 ? "1 row" : `${answer.rows.length} rows`;
  hint(`${rows}${answer.truncated ? ", and there are more" : ""}; D1 read ${answer.rows_read}.`);
}

export const queryVerbs = [
  { name: "query list", summary: "list the queries of the cookbook", run: list },
  {
    name: "query run",
    arguments: "NAME",
    positionals: ["NAME"],
    summary: "run a query of the cookbook",
    details: "Queries only read, and what can be chosen of one is a parameter: latchkey query list shows them. Times are UTC.",
    options: {
      param: { type: "string", multiple: true, value: "NAME=VALUE", help: "a parameter of the query; may be repeated" },
      limit: { type: "string", value: "N", help: `so many rows (default and most: ${ROWS_MAX})` },
      format: { type: "string", value: "FORMAT", choices: FORMATS, help: `${FORMATS.join(", ")} (default: table)` },
    },
    run,
  },
];
