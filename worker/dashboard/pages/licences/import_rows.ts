// A list of licences in CSV as rows for the import API, as `latchkey license import` reads it. A bad line becomes a
// problem with its line number; only a file that can't be read as a whole is an error.
import type { ImportReport, LicenseImport } from "../../api.gen.ts";
import { readCsv } from "../../lib/read_csv.ts";

export type Row = LicenseImport["rows"][number];
export type RowReport = ImportReport["rows"][number];

export interface ImportList {
  rows: readonly Row[];
  problems: readonly RowReport[];
  numWithoutCode: number; // Those that get a new code each time they are imported.
}

export const columns = ["code", "email", "plan", "expires_at", "max_machines", "holder_name", "holder_email", "note"] as const;

const isColumn = (name: string): name is (typeof columns)[number] => columns.some((column) => column === name);

function header(names: readonly string[]): readonly (typeof columns)[number][] {
  return names.map((name, at) => {
    if (!isColumn(name)) throw new Error(`Line 1: unknown column “${name}”. Known: ${columns.join(", ")}.`);
    if (names.indexOf(name) !== at) throw new Error(`Line 1: the column ${name} stands twice.`);
    return name;
  });
}

// rowOf: the row, or what is wrong with it. An empty field leaves the service's default.
function rowOf(line: number, names: readonly (typeof columns)[number][], fields: readonly string[]): Row | string {
  if (fields.length !== names.length) return `${fields.length} fields where the header names ${names.length}.`;
  const row: Row = { line };
  for (const [at, name] of names.entries()) {
    const value = fields[at] ?? "";
    if (name === "expires_at" && value === "never") row.expires_at = null;
    else if (value === "") continue;
    else if (name !== "max_machines") row[name] = value;
    else if (/^\d{1,9}$/.test(value)) row.max_machines = Number(value);
    else return "max_machines must be a whole number.";
  }
  return row;
}

export function readList(bytes: ArrayBuffer): ImportList {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("The file is not UTF-8 text.");
  }
  const trimmed = readCsv(text).map((record) => ({ ...record, fields: record.fields.map((field) => field.trim()) }));
  const [head, ...lines] = trimmed;
  if (!head) throw new Error("The file is empty: it has no header.");
  const names = header(head.fields);
  const rows: Row[] = [];
  const problems: RowReport[] = [];
  for (const { line, fields, isBadlyQuoted } of lines) {
    // Spreadsheets end their lists with lines of commas: those are no licences.
    if (fields.every((field) => field === "")) continue;
    const row = isBadlyQuoted ? "A quote inside a field must be doubled, in a quoted field." : rowOf(line, names, fields);
    if (typeof row === "string") problems.push({ line, status: "error", error: "invalid_row", message: row });
    else rows.push(row);
  }
  return { rows, problems, numWithoutCode: rows.filter(({ code, email }) => !code && !email).length };
}

const rowsPerSlice = 500;
const bytesPerSlice = 900 * 1024;

// slicesOf: rows in groups that one request may carry.
export function slicesOf(rows: readonly Row[]): Row[][] {
  const slices: Row[][] = [];
  let slice: Row[] = [];
  let bytes = 0;
  const encoder = new TextEncoder();
  for (const row of rows) {
    const size = encoder.encode(JSON.stringify(row)).length + 1;
    if (slice.length > 0 && (slice.length === rowsPerSlice || bytes + size > bytesPerSlice)) {
      slices.push(slice);
      slice = [];
      bytes = 0;
    }
    slice.push(row);
    bytes += size;
  }
  if (slice.length > 0) slices.push(slice);
  return slices;
}
