// Files that the browser saves.

// saveFile: `text` is all of it, or its parts in order.
export function saveFile(name: string, type: string, text: string | readonly string[]): void {
  const url = URL.createObjectURL(new Blob(typeof text === "string" ? [text] : [...text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

export type Row = Readonly<Record<string, unknown>>;

export const fileTypes = { csv: "text/csv", ndjson: "application/x-ndjson", json: "application/json" } as const;
export type FileKind = keyof typeof fileTypes;

// fileText: rows with the same members, as a file of that kind.
export function fileText(kind: FileKind, columns: readonly string[], rows: readonly Row[]): string {
  if (kind === "json") return `${JSON.stringify(rows, null, 1)}\n`;
  if (kind === "ndjson") return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  return csv(
    columns,
    rows.map((row) => columns.map((column) => row[column])),
  );
}

// csv: RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe before it.
export function csv(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return csvRows([columns, ...rows]);
}

export const csvRows = (rows: readonly (readonly unknown[])[]): string =>
  rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const raw = String(value);
  const isFormula = typeof value === "string" && /^[=+\-@\t\r]/.test(raw) && !/^-?\d+(\.\d+)?$/.test(raw);
  const text = isFormula ? `'${raw}` : raw;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
