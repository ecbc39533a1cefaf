// Reads a list of licences, CSV or JSON, into rows for the import API. A bad line becomes a
// bad row with its line number and reason; only a file that can't be read as a whole is an error.
import { parse } from "csv-parse/sync";

import { nearest } from "./args.mjs";
import { UsageError } from "./errors.mjs";
import { plain } from "./output.mjs";

export const COLUMNS = [
  "code",
  "email",
  "plan",
  "expires_at",
  "max_machines",
  "holder_name",
  "holder_email",
  "note",
];

function unknownColumn(name) {
  const near = nearest(name, COLUMNS);
  return `unknown column '${plain(name)}'${near ? ` (did you mean ${near}?)` : ""}; known: ${COLUMNS.join(", ")}`;
}

function header(names) {
  for (const [index, name] of names.entries()) {
    if (!COLUMNS.includes(name)) throw new UsageError(`Line 1: ${unknownColumn(name)}`);
    if (names.indexOf(name) !== index) throw new UsageError(`Line 1: column '${name}' stands twice.`);
  }
  return names;
}

// rowOf: {line, ...fields} where the fields have the right types, else {line, problem}.
function rowOf(line, fields) {
  const row = { line };
  for (const [name, value] of Object.entries(fields)) {
    if (!COLUMNS.includes(name)) return { line, problem: unknownColumn(name) };
    if (name === "expires_at" && (value === null || value === "never")) {
      row.expires_at = null;
    } else if (value === "" || value === null) {
      // No value: the service's default holds.
    } else if (name === "max_machines") {
      const count = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
      if (!Number.isInteger(count)) return { line, problem: "max_machines must be a whole number" };
      row.max_machines = count;
    } else if (typeof value !== "string") {
      return { line, problem: `${name} must be text` };
    } else {
      row[name] = value;
    }
  }
  return row;
}

function isWellQuoted(raw) {
  if (!raw.includes('"')) return true;
  try {
    parse(raw, { relax_column_count: true });
    return true;
  } catch {
    return false;
  }
}

function fromCsv(text) {
  let records;
  try {
    // Quotes are judged record by record below, so that one bad line does not end the list.
    records = parse(text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n"), {
      info: true,
      raw: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
  } catch (error) {
    throw new UsageError(`Not readable as CSV: ${plain(error.message)}`);
  }
  if (records.length === 0) return [];
  const names = header(records[0].record.map((name) => name.trim()));
  // Spreadsheets end their lists with lines of commas: those are no licences.
  const isBlank = ({ record }) => record.every((field) => field.trim() === "");
  return records
    .slice(1)
    .filter((line) => !isBlank(line))
    .map(({ record: fields, raw, info }) => {
      const record = fields.map((field) => field.trim());
      const line = info.lines - (raw.trim().match(/\n/g)?.length ?? 0);
      if (!isWellQuoted(raw.trim()))
        return { line, problem: "a quote inside a field must be doubled, in a quoted field" };
      if (record.length !== names.length) {
        return { line, problem: `${record.length} fields where the header names ${names.length}` };
      }
      return rowOf(line, Object.fromEntries(names.map((name, i) => [name, record[i]])));
    });
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

// A JSON array: `line` is the place in the array, from 1.
function fromJsonArray(text) {
  let list;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Not readable as JSON: ${plain(error.message)}`);
  }
  return list.map((value, i) =>
    isObject(value) ? rowOf(i + 1, value) : { line: i + 1, problem: "not an object" },
  );
}

function fromJsonLines(text) {
  const rows = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    let value;
    try {
      value = JSON.parse(line);
    } catch {
      // Reported below with its line number.
    }
    rows.push(
      isObject(value) ? rowOf(index + 1, value) : { line: index + 1, problem: "not a JSON object" },
    );
  }
  return rows;
}

// readRows: the rows of `bytes`. CSV unless the text begins like JSON: [ an array, { one object a line.
export function readRows(bytes) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError("The list is not UTF-8 text.");
  }
  const start = text.trimStart()[0];
  const read = start === "[" ? fromJsonArray : start === "{" ? fromJsonLines : fromCsv;
  return read(text);
}

// slices: rows in groups that one request may carry.
export function* slices(rows, rowsMax, bytesMax) {
  let slice = [];
  let bytes = 0;
  for (const row of rows) {
    const size = Buffer.byteLength(JSON.stringify(row)) + 1;
    if (slice.length > 0 && (slice.length === rowsMax || bytes + size > bytesMax)) {
      yield slice;
      slice = [];
      bytes = 0;
    }
    slice.push(row);
    bytes += size;
  }
  if (slice.length > 0) yield slice;
}
