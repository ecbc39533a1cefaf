// Another list's rows into our table: what differs is a new row from a day on, and nothing else is touched.
import assert from "node:assert/strict";
import test from "node:test";

import { merge } from "../../scripts/cli/price_merge.mjs";

const SINCE = "2026-11-21T00:00:00Z";
const row = (model, input, more = {}) => ({
  provider: "qwen", model, effective_from: "2026-01-01T00:00:00Z", input, output: "2", ...more,
});
const fresh = (model, input, more = {}) => row(model, input, { effective_from: SINCE, source: "https://map.example", ...more });
const table = (rows, aliases = []) => ({ rows, aliases });

test("a price that is the same already stays as it is, and so does what the map does not know", () => {
  const before = table([row("a", "1"), row("b", "1", { cached_input: "0.1", note: "ours" })]);
  const found = merge(before, [fresh("a", "1"), fresh("a2", "1")], SINCE);
  assert.deepEqual(found.table.rows, [...before.rows, fresh("a2", "1")]);
  assert.deepEqual([found.same, found.changed, found.added, found.kept, found.skipped], [1, 0, 1, 1, []]);
});

test("another price is a row from the day on, with the rates that the map does not state", () => {
  const before = table([row("a", "1", { cached_input: "0.1" })]);
  const found = merge(before, [fresh("a", "3")], SINCE);
  assert.deepEqual(found.table.rows, [before.rows[0], fresh("a", "3", { cached_input: "0.1" })]);
  assert.equal(found.changed, 1);
  assert.deepEqual(before, table([row("a", "1", { cached_input: "0.1" })]), "the argument is not changed");
});

test("a rate that says what holds anyway is no change", () => {
  const found = merge(table([row("a", "1")]), [fresh("a", "1", { cached_input: "1", reasoning: "2" })], SINCE);
  assert.equal(found.same, 1);
  assert.equal(merge(table([row("a", "1")]), [fresh("a", "1", { cached_input: "0.5" })], SINCE).changed, 1);
});

test("the row in force on the day counts, later ones stay, and one of that very day is replaced", () => {
  const later = row("a", "9", { effective_from: "2027-01-01T00:00:00Z" });
  const earlier = row("a", "5", { effective_from: "2026-06-01" });
  const found = merge(table([row("a", "1"), earlier, later]), [fresh("a", "5")], SINCE);
  assert.equal(found.same, 1);
  const changed = merge(table([row("a", "1"), later, row("a", "6", { effective_from: "2026-11-21" })]), [fresh("a", "5")], SINCE);
  assert.deepEqual(changed.table.rows, [row("a", "1"), later, fresh("a", "5")]);
});

test("a model that ends keeps its end, and one that ended is left out", () => {
  const ends = row("a", "1", { effective_to: "2027-01-01T00:00:00Z" });
  const found = merge(table([ends]), [fresh("a", "3")], SINCE);
  assert.deepEqual(found.table.rows, [row("a", "1"), fresh("a", "3", { effective_to: "2027-01-01T00:00:00Z" })]);
  const over = merge(table([row("a", "1", { effective_to: "2026-02-01" })]), [fresh("a", "3")], SINCE);
  assert.match(over.skipped[0].reason, /ended on 2026-02-01/);
  assert.equal(over.table.rows.length, 1);
});

test("an alias of ours gets no prices of its own", () => {
  const aliases = [{ provider: "qwen", alias: "a-latest", model: "a" }];
  const found = merge(table([row("a", "1")], aliases), [fresh("a-latest", "3"), { ...fresh("a-latest", "3"), provider: "kimi" }], SINCE);
  assert.deepEqual(found.skipped, [{ name: "qwen a-latest", reason: "here it is an alias of a" }]);
  assert.equal(found.added, 1);
  assert.deepEqual(found.table.aliases, aliases);
});
