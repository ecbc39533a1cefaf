// The dashboard reads a list of licences as the command line does.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readRows, slices } from "../../scripts/cli/import_rows.mjs";
import { readList, slicesOf } from "../../worker/dashboard/pages/licences/import_rows.ts";

const bytes = (text) => new TextEncoder().encode(text);

// Each row, or that its line is bad: the words differ.
function byCli(text) {
  return readRows(bytes(text)).map(({ problem, ...row }) => (problem === undefined ? row : { bad: row.line }));
}

function byDashboard(text) {
  const { rows, problems } = readList(bytes(text).buffer);
  const both = [...rows, ...problems.map(({ line }) => ({ line, bad: line }))].sort((a, b) => a.line - b.line);
  return both.map((row) => (row.bad ? { bad: row.bad } : row));
}

const lists = {
  "as RFC 4180 has it": 'email,note\r\na@example.com,"one, ""two"""\r\nb@example.com,"over\r\ntwo lines"\r\nc@example.com,end\r\n',
  "a byte order mark, old ends of line, no last one": "\ufeffcode,max_machines\rABCD,3\rEFGH,",
  "empty lines, and a spreadsheet's lines of commas": "code,plan\n\nABCD,pro\n,\n , \n\nEFGH,\n",
  "spaces around": ' code , plan \n ABCD , "pro" \n',
  "never, and nothing": "code,expires_at\nABCD,never\nEFGH,\nIJKL,2031-01-01\n",
  "bad quotes": 'code,note\nABCD,say "hi"\nEFGH,"say "hi" to"\nIJKL,fine\n',
  "too few, too many": "code,note\nABCD\nEFGH,a,b\nIJKL,fine\n",
  "no whole number": "code,max_machines\nABCD,3.5\nEFGH,-1\nIJKL,3\n",
  "a header alone": "code\n",
};
for (const [name, text] of Object.entries(lists)) {
  test(`a list with ${name}`, () => assert.deepEqual(byDashboard(text), byCli(text)));
}

test("any list of well-quoted fields", () => {
  const field = fc.string({ unit: fc.constantFrom("a", "é", " ", ",", '"', "\n", "'", "0", "\t") });
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  fc.assert(fc.property(fc.array(fc.tuple(field, field), { maxLength: 8 }), fc.constantFrom("\n", "\r\n"), (rows, end) => {
    const text = ["code,note", ...rows.map((row) => row.map(quoted).join(","))].join(end);
    assert.deepEqual(byDashboard(text), byCli(text));
  }));
});

test("what can't be read as a whole is said", () => {
  assert.throws(() => readList(new Uint8Array([0xff, 0xfe]).buffer), /not UTF-8/);
  assert.throws(() => readList(bytes("").buffer), /empty/);
  assert.throws(() => readList(bytes("code,colour\n").buffer), /unknown column “colour”/);
  assert.throws(() => readList(bytes("code,code\n").buffer), /stands twice/);
});

test("slices are the command line's", () => {
  const rows = Array.from({ length: 1300 }, (_, line) => ({ line, note: "é".repeat(line) }));
  assert.deepEqual(slicesOf(rows), [...slices(rows, 500, 900 * 1024)]);
});
