// latchkey price ...: what it asks, what it shows, and that nothing is changed without --yes.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { AdminServer, latchkey, temporaryDirectory } from "./support.mjs";

const row = (model, input, more = {}) => ({
  provider: "deepseek", model, effective_from: "2026-01-01T00:00:00Z", input, output: "2", as_of: "2026-11-01", ...more,
});
const TABLE = {
  version: 4, created_at: "2026-11-01T07:50:12Z", created_by: "admin:ada", note: "of November", num_rows: 4,
  rows: [
    row("chat", "1"), row("chat", "3", { effective_from: "2026-06-01T00:00:00Z" }),
    row("chat", "9", { effective_from: "2999-01-01T00:00:00Z" }), row("ended", "1", { effective_to: "2026-02-01T00:00:00Z" }),
    row("pro", "7", { provider: "kimi" }),
  ],
  aliases: [{ provider: "deepseek", alias: "chat-latest", model: "chat" }],
};
const ok = (body) => ({ status: 200, body });
const SET = {
  version: 5, created_at: "2026-11-21T07:50:12Z", created_by: "admin:ada", note: null, num_rows: 6,
  difference: {
    added: 1, changed: 1, removed: 0, aliases_added: 0, aliases_removed: 0,
    rows: [
      { change: "changed", before: row("chat", "3"), after: row("chat", "4") },
      { change: "added", before: null, after: row("new", "5") },
    ],
  },
  warnings: [{ location: "rows[1].cached_input", message: "is dearer than input that was not cached" }],
};
const lines = (text) => text.trimEnd().split("\n").map((line) => JSON.parse(line));
const asked = (server) => server.requests.map(({ method, path: where, query }) => [method, where, query]);

test("price list shows what holds now, of a provider, of a model and of what it is an alias of", async (t) => {
  const server = await AdminServer.start(t);
  const run = async (...args) => {
    server.answers.push(ok(TABLE));
    const { status, stdout, stderr } = await latchkey(["price", "list", "--json", ...args], server);
    assert.equal(status, 0, stderr);
    return stdout ? lines(stdout).map(({ model, input }) => `${model} ${input}`) : [];
  };
  assert.deepEqual(await run(), ["chat 3", "pro 7"]);
  assert.deepEqual(await run("--provider", "kimi"), ["pro 7"]);
  assert.deepEqual(await run("--model", "Chat-Latest"), ["chat 3"]);
  assert.deepEqual(await run("--model", "none"), []);
  assert.deepEqual(await run("--all", "--model", "chat"), ["chat 1", "chat 3", "chat 9"]);
  await run("--table", "2");
  assert.deepEqual(server.requests.at(-1).query, { version: "2" });
  server.answers.push(ok(TABLE));
  const people = await latchkey(["price", "list"], server);
  assert.match(people.stdout, /^deepseek +chat +2026-06-01 00:00 +3 +- +2 +- +2026-11-01$/m);
  assert.equal((await latchkey(["price", "list", "--provider", "openai"], server)).status, 2);
});

test("price show, versions and export say which table it is", async (t) => {
  const server = await AdminServer.start(t);
  server.answers.push(ok(TABLE), ok(TABLE), ok(TABLE));
  const shown = await latchkey(["price", "show"], server);
  assert.match(shown.stdout, /^version +4$/m);
  assert.match(shown.stdout, /^note +of November$/m);
  const json = await latchkey(["price", "show", "--json"], server);
  assert.deepEqual(JSON.parse(json.stdout), {
    version: 4, created_at: TABLE.created_at, created_by: "admin:ada", note: "of November", num_rows: 4, num_aliases: 1,
  });
  const exported = await latchkey(["price", "export"], server);
  assert.deepEqual(JSON.parse(exported.stdout), { rows: TABLE.rows, aliases: TABLE.aliases });
  const about = { version: 4, created_at: TABLE.created_at, created_by: "admin:ada", note: null, num_rows: 4 };
  server.answers.push(ok({ data: [about], next_cursor: "next" }), ok({ data: [{ ...about, version: 3 }], next_cursor: null }));
  const versions = await latchkey(["price", "versions", "--json"], server);
  assert.deepEqual(lines(versions.stdout).map(({ version }) => version), [4, 3]);
});

test("price set shows the difference first, and does it with --yes to the version it was compared with", async (t) => {
  const server = await AdminServer.start(t);
  const file = path.join(temporaryDirectory(t), "prices.json");
  const content = { rows: [row("chat", "4")], aliases: [] };
  fs.writeFileSync(file, JSON.stringify(content));
  server.answers.push(ok(TABLE), ok({ ...SET, dry_run: true }));
  const preview = await latchkey(["price", "set", file], server);
  assert.equal(preview.status, 0, preview.stderr);
  assert.match(preview.stdout, /^changed +deepseek +chat +2026-01-01 00:00 +3 -> 4 +/m);
  assert.match(preview.stdout, /1 prices added, 1 changed, 0 removed/);
  assert.match(preview.stderr, /warning: rows\[1\]\.cached_input is dearer/);
  assert.match(preview.stderr, /Nothing was changed. Do it with --yes/);
  assert.deepEqual(asked(server), [["GET", "/admin/prices", {}], ["PUT", "/admin/prices", { dry_run: "1" }]]);

  server.requests.length = 0;
  server.answers.push(ok(TABLE), ok({ ...SET, dry_run: true }), ok(SET));
  const done = await latchkey(["price", "set", file, "--yes", "--note", "n", "--json"], server);
  assert.equal(done.status, 0, done.stderr);
  assert.deepEqual(JSON.parse(done.stdout), SET);
  assert.match(done.stderr, /Version 5 is in force/);
  const last = server.requests.at(-1);
  assert.deepEqual([last.method, last.query, last.headers["if-match"]], ["PUT", {}, '"4"']);
  assert.deepEqual(JSON.parse(last.text), { ...content, note: "n" });

  server.requests.length = 0;
  server.answers.push(ok(TABLE), ok({ ...SET, dry_run: true }));
  await latchkey(["price", "set", file, "--yes", "--dry-run"], server);
  assert.equal(server.requests.length, 2, "--dry-run is stronger");
  server.answers.push(ok(TABLE), ok({ ...SET, version: 4, dry_run: true }));
  assert.match((await latchkey(["price", "set", file, "--yes"], server)).stderr, /holds these prices already/);

  fs.writeFileSync(file, "{");
  assert.equal((await latchkey(["price", "set", file], server)).status, 2);
  fs.writeFileSync(file, "[]");
  assert.equal((await latchkey(["price", "set", file], server)).status, 2);
  assert.equal((await latchkey(["price", "set", "/nonexistent"], server)).status, 2);
});

test("price import brings the map's other prices in from a day on and keeps what it does not know", async (t) => {
  const server = await AdminServer.start(t);
  const file = path.join(temporaryDirectory(t), "map.json");
  const entry = (input) => `{"litellm_provider":"deepseek","mode":"chat","input_cost_per_token":${input},"output_cost_per_token":2e-06}`;
  fs.writeFileSync(file, `{"deepseek/chat":${entry("4e-06")},"deepseek/new":${entry("5e-06")},"gpt-4o":{"litellm_provider":"openai"}}`);
  server.answers.push(ok(TABLE), ok({ ...SET, dry_run: true }));
  const { status, stderr } = await latchkey(["price", "import", file, "--since", "2026-10-01"], server);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /2 models in the map: 0 as they are, 1 with another price, 1 new/);
  assert.match(stderr, /2 models here that it does not have are kept/);
  const sent = JSON.parse(server.requests.at(-1).text);
  assert.equal(sent.rows.length, TABLE.rows.length + 2);
  for (const before of TABLE.rows) assert.ok(sent.rows.some((one) => JSON.stringify(one) === JSON.stringify(before)));
  const fresh = sent.rows.filter(({ effective_from }) => effective_from === "2026-10-01T00:00:00Z");
  assert.deepEqual(fresh.map(({ model, input, output }) => [model, input, output]), [["chat", "4", "2"], ["new", "5", "2"]]);
  assert.deepEqual(sent.aliases, TABLE.aliases);
  for (const wrong of ["soon", "2026-13-01", "2026-1-1"]) {
    assert.equal((await latchkey(["price", "import", file, "--since", wrong], server)).status, 2, wrong);
  }
  fs.writeFileSync(file, '{"gpt-4o":{"litellm_provider":"openai"}}');
  assert.equal((await latchkey(["price", "import", file], server)).status, 2);
});

test("price unpriced lists the models, and says which have a price by now", async (t) => {
  const server = await AdminServer.start(t);
  const model = { provider: "kimi", model: "k9", requests: 7, last_used_at: "2026-11-21T07:00:00Z", reason: "unknown_model" };
  const data = [model, { ...model, model: "k8", reason: null }];
  server.answers.push(ok({ data, next_cursor: null }), ok({ data, next_cursor: null }), ok({ data: [], next_cursor: null }));
  const { stdout } = await latchkey(["price", "unpriced"], server);
  assert.match(stdout, /^kimi +k9 +7 +2026-11-21 07:00 +unknown_model$/m);
  assert.match(stdout, /^kimi +k8 .*has a price now: latchkey price reprice$/m);
  assert.deepEqual(lines((await latchkey(["price", "unpriced", "--json"], server)).stdout), data);
  assert.match((await latchkey(["price", "unpriced"], server)).stderr, /Every model that was used has a price/);
});

test("price reprice walks to the end, asks again for a slice that was overtaken, and adds up exactly", async (t) => {
  const server = await AdminServer.start(t);
  const slice = (more) => ok({ version: 4, walked: 1000, changed: 10, difference: "-0.000000001", next_cursor: null, ...more });
  const conflict = { status: 409, body: { success: false, error: "conflict", message: "Ask again." }, type: "application/problem+json" };
  const much = slice({ next_cursor: "a", difference: "9007199254740993.5" });
  server.answers.push(much, conflict, slice({ next_cursor: "b" }), slice({ walked: 5 }));
  const done = await latchkey(["price", "reprice", "--since", "2026-10-01", "--json"], server);
  assert.equal(done.status, 0, done.stderr);
  assert.deepEqual(JSON.parse(done.stdout), { version: 4, walked: 2005, changed: 30, difference: "9007199254740993.499999998" });
  assert.deepEqual(
    server.requests.map(({ text }) => JSON.parse(text)),
    [null, "a", "a", "b"].map((cursor) => ({ cursor, since: "2026-10-01T00:00:00Z" })),
  );
  assert.match(done.stderr, /2005 events walked, 30 with another cost/);

  server.requests.length = 0;
  server.answers.push(slice({ next_cursor: "a" }));
  for (const more of [{ next_cursor: "b" }, { next_cursor: "c" }, { walked: 1 }]) server.answers.push(slice({ version: 5, ...more }));
  const moved = await latchkey(["price", "reprice"], server);
  assert.match(moved.stdout, /^40 of 1001 events have another cost by version 5: -0.000000004 US dollars in all/);
  assert.deepEqual(server.requests.map(({ text }) => JSON.parse(text).cursor), [null, "a", null, "c"]);

  server.answers.push(slice({ dry_run: true }));
  const dry = await latchkey(["price", "reprice", "--dry-run"], server);
  assert.match(dry.stdout, /would have another cost/);
  assert.deepEqual(server.requests.at(-1).query, { dry_run: "1" });
  server.answers.push(...Array.from({ length: 5 }, () => conflict));
  const failed = await latchkey(["price", "reprice"], server);
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /Run it again: what is done is passed by/);
});
