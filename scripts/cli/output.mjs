// Output: aligned tables and JSON on stdout, hints and progress on stderr.

// plain: text from the service with control characters made visible, so that stored
// text can't drive a terminal.
export function plain(text) {
  return String(text).replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

export function print(text = "") {
  process.stdout.write(`${text}\n`);
}

export function printJson(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function hint(text) {
  process.stderr.write(`${text}\n`);
}

// when: an RFC 3339 time as people read it; all times are UTC.
export function when(time, absent = "-") {
  if (time === null || time === undefined) return absent;
  return plain(time).replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z$/, "$1 $2");
}

export function cell(value) {
  return value === null || value === undefined || value === "" ? "-" : plain(value);
}

// Table: rows aligned under their titles. Lists arrive page by page: the widths are
// those of the first page, later cells that are wider push their line out.
export class Table {
  #columns;
  #widths = null;

  // columns: [[title, row => text], ...]
  constructor(columns) {
    this.#columns = columns;
  }

  add(rows) {
    const cells = rows.map((row) => this.#columns.map(([, text]) => text(row)));
    if (this.#widths === null) {
      const titles = this.#columns.map(([title]) => title);
      this.#widths = titles.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i].length)));
      this.#line(titles);
    }
    for (const row of cells) this.#line(row);
  }

  #line(cells) {
    print(
      cells
        .map((text, i) => text.padEnd(this.#widths[i]))
        .join("  ")
        .trimEnd(),
    );
  }
}

// printFields: one object as `name  value` lines. fields: [[name, text], ...]
export function printFields(fields) {
  const width = Math.max(...fields.map(([name]) => name.length));
  for (const [name, text] of fields) print(`${name.padEnd(width)}  ${text}`);
}

// csvField: RFC 4180.
export function csvField(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
