// Prices as admins meet them: a table brought in prices the next report, a bad one is refused by place, what had no
// price is listed and priced anew.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { rootPath } from "../../scripts/lib/paths.mjs";
import { assertProblem, freshMachine, openWorld } from "../support/world.mjs";

let world;
before(async () => {
  world = await openWorld();
});
after(() => world.stop());

const row = (model, input, more = {}) => ({
  provider: "mistral", model, effective_from: "2026-01-01T00:00:00Z", input, output: "2", ...more,
});
const put = (content, query = "", headers = {}) => world.admin("PUT", `/admin/prices${query}`, content, headers);
async function set(...rows) {
  const answer = await put({ rows, aliases: [] });
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}
const get = async (query = "") => (await world.admin("GET", `/admin/prices${query}`)).body;

let numEvents = 0;
async function seated() {
  const license = await world.license();
  const machine_id = freshMachine();
  const answer = await world.provision({ license_id: license.code, machine_id });
  assert.equal(answer.status, 200, answer.text);
  return { license_id: license.code, machine_id, id: license.id };
}
async function report({ license_id, machine_id }, model, count = 1) {
  const events = Array.from({ length: count }, () => ({
    event_id: `evt-${++numEvents}`, provider: "mistral", model, input_tokens: 1_000_000, output_tokens: 0,
    at: new Date().toISOString(),
  }));
  const answer = await world.send("POST", "/usage/report", { license_id, machine_id, events });
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

describe("a price table", () => {
  test("begins with the one in the build, and the next is in force with the next report", async () => {
    const first = await world.admin("GET", "/admin/prices");
    assert.deepEqual([first.status, first.body.version, first.body.created_by], [200, 0, null]);
    assert.equal(first.headers.get("etag"), '"0"');
    const machine = await seated();
    await report(machine, "m1");
    const made = await set(row("m1", "3"));
    assert.equal(made.version, 1);
    assert.equal(made.created_by, "admin:bootstrap");
    assert.deepEqual([made.difference.added, made.difference.removed], [1, first.body.num_rows]);
    const body = await report(machine, "m1");
    assert.deepEqual([body.unpriced, body.usage.cost], [0, "3"]);
    assert.deepEqual((await get()).rows, [row("m1", "3")]);
    assert.equal((await get("?version=0")).num_rows, first.body.num_rows);
    const [audit] = await world.audit("action = 'prices.set'");
    assert.deepEqual(JSON.parse(audit.details), {
      added: 1, changed: 0, removed: first.body.num_rows, rows: 1, version: 1,
    });
    assertProblem(await world.admin("GET", "/admin/prices?version=77"), 404, "not_found");
    for (const query of ["?version=x", "?version=-1", "?version=", "?versoin=1"]) {
      assertProblem(await world.admin("GET", `/admin/prices${query}`), 400, "invalid_request");
    }
  });

  test("again is the same version, and a dry run shows the difference", async () => {
    const { version } = await set(row("m2", "1"), row("m3", "1"));
    assert.equal((await set(row("m3", "1"), row("m2", "1"))).version, version, "in another order");
    const dry = (await put({ rows: [row("m2", "4"), row("m4", "1", { cached_input: "2" })], note: "n" }, "?dry_run=1")).body;
    assert.equal(dry.dry_run, true);
    assert.equal(dry.version, version + 1);
    assert.deepEqual(dry.difference.rows, [
      { change: "removed", before: row("m3", "1"), after: null },
      { change: "changed", before: row("m2", "1"), after: row("m2", "4") },
      { change: "added", before: null, after: { ...row("m4", "1"), cached_input: "2" } },
    ]);
    assert.deepEqual(dry.warnings, [
      { location: "rows[1].cached_input", message: "is dearer than input that was not cached" },
    ]);
    assert.equal((await get()).version, version);
  });

  test("is refused whole, with every mistake by its place", async () => {
    const { version } = await get();
    const locations = async (content) => {
      const answer = await put(content);
      return assertProblem(answer, 400, "invalid_request").errors.map(({ location }) => location);
    };
    assert.deepEqual(
      await locations({
        rows: [
          row("a", "1", { effective_to: "2026-03-01T00:00:00Z" }), row("a", "1", { effective_from: "2026-02-01" }),
          row("b", "1", { effective_to: "2026-02-01" }), row("b", "1", { effective_from: "2026-03-01" }),
          row("c", "1"), row("c", "2"), row("Upper", "1"), row("d", "10001"), row("e", "1", { effective_to: "2025-01-01" }),
          { ...row("f", "1"), provider: "openai" },
        ],
        aliases: [{ provider: "mistral", alias: "x", model: "none" }],
      }),
      [
        "rows[6].model", "rows[7].input", "rows[8].effective_to", "rows[9].provider", "rows[0].effective_to",
        "rows[2].effective_to", "rows[5].effective_from", "aliases[0].model",
      ],
    );
    assert.deepEqual(
      await locations({
        rows: [row("a", 1), { model: "b" }, "x", row("c", "1.0000000001"), row("d", "-1"), row("e", "1", { fee: "1" })],
        extra: 1,
      }),
      [
        "extra", "rows[0].input", "rows[1].provider", "rows[1].effective_from", "rows[1].input", "rows[1].output", "rows[2]",
        "rows[3].input", "rows[4].input", "rows[5].fee",
      ],
    );
    for (const content of [{}, { rows: [] }, { rows: {} }, { rows: null }, [], "x", { rows: [row("a", "1")], note: 5 }]) {
      assertProblem(await put(content), 400, "invalid_request");
    }
    assert.equal((await get()).version, version);
  });

  test("is brought in against the version that was seen, by one of two admins", async () => {
    const { version } = await get();
    const ifMatch = { "if-match": `"${version}"` };
    const answers = await Promise.all(["5", "6", "7", "8"].map((input) => put({ rows: [row("race", input)] }, "", ifMatch)));
    assert.deepEqual(answers.map(({ status }) => (status === 200 ? 200 : 400)).sort(), [200, 400, 400, 400]);
    for (const answer of answers.filter(({ status }) => status !== 200)) assert.ok([409, 412].includes(answer.status), answer.text);
    assert.equal((await get()).version, version + 1);
    assertProblem(await put({ rows: [row("late", "1")] }, "", ifMatch), 412, "precondition_failed");
    assert.equal((await put({ rows: [row("any", "1")] }, "", { "if-match": "*" })).status, 200);
    const held = await world.admin("GET", "/admin/prices", undefined, { "if-none-match": `"${version + 2}"` });
    assert.deepEqual([held.status, held.text], [304, ""]);
  });

  test("may have 2,000 rows and no more, and stays listed", async () => {
    const many = Array.from({ length: 2000 }, (_, i) => row(`model-${i}`, "1.5", { note: "n".repeat(150) }));
    const made = await put({ rows: many });
    assert.equal(made.status, 200, made.text);
    assert.deepEqual([made.body.num_rows, made.body.difference.added, made.body.difference.rows.length], [2000, 2000, 200]);
    assert.equal((await get()).rows.length, 2000);
    const machine = await seated();
    assert.equal((await report(machine, "model-1999")).usage.cost, "1.5");
    assertProblem(await put({ rows: [...many, row("one-more", "1")].map(({ note, ...rest }) => rest) }), 400, "invalid_request");
    assertProblem(await put({ rows: many, pad: "x".repeat(1024 * 1024) }), 413, "body_too_large");
    const list = (await world.admin("GET", "/admin/prices/versions?limit=2")).body;
    assert.deepEqual(list.data.map(({ num_rows }) => num_rows), [2000, 1]);
    const next = (await world.admin("GET", `/admin/prices/versions?limit=500&cursor=${list.next_cursor}`)).body;
    assert.equal(list.data.length + next.data.length, made.body.version);
    assert.equal(next.next_cursor, null);
  });
});

// expectExact: the ledger and the sums are what the events say.
async function expectExact() {
  const events = await world.number("SELECT sum(cost) FROM usage_events");
  for (const table of ["license_spend", "usage_hourly", "usage_daily", "usage_totals"]) {
    assert.equal(await world.number(`SELECT sum(cost) FROM ${table}`), events, table);
  }
}

describe("what was used", () => {
  test("without a price is listed, then priced anew, in sums and budgets too", async () => {
    await set(row("known", "3"));
    const machine = await seated();
    await report(machine, "known", 2);
    assert.equal((await report(machine, "not-yet-known", 3)).unpriced, 3);
    await world.sync();
    const listed = async () =>
      (await world.admin("GET", "/admin/prices/unpriced")).body.data.find(({ model }) => model === "not-yet-known");
    const found = await listed();
    assert.deepEqual([found.provider, found.requests, found.reason], ["mistral", 3, "unknown_model"]);
    await set(row("known", "4"), row("not-yet-known", "10"));
    assert.equal((await listed()).reason, null);
    await report(machine, "known");

    const dry = (await world.admin("POST", "/admin/prices/reprice?dry_run=1", {})).body;
    assert.equal(dry.dry_run, true);
    assert.equal(await world.number("SELECT sum(unpriced) FROM license_spend WHERE license_id = ?", machine.id), 3);
    const slice = await world.admin("POST", "/admin/prices/reprice", {});
    assert.equal(slice.status, 200, slice.text);
    const { walked, changed, difference, next_cursor } = slice.body;
    assert.deepEqual([walked, changed, difference], [dry.walked, dry.changed, dry.difference]);
    assert.equal(next_cursor, null);
    assert.equal(await world.number("SELECT cost FROM license_spend WHERE license_id = ?", machine.id), (3 * 4 + 3 * 10) * 1e9);
    assert.equal((await report(machine, "known")).usage.cost, "46");
    assert.equal(await listed(), undefined);
    assert.equal((await world.admin("POST", "/admin/prices/reprice", {})).body.changed, 0);
    await world.sync();
    await expectExact();
    const [audit] = (await world.audit("action = 'prices.repriced'")).slice(-1);
    assert.deepEqual([JSON.parse(audit.details).changed, JSON.parse(audit.details).difference], [changed, difference]);
  });

  test("by many slices and walks at once is priced once, with reports in between", async () => {
    const machine = await seated();
    const rows = (input) => [row("known", input), row("not-yet-known", "10")];
    for (let i = 0; i < 3; i++) await report(machine, "known", 400);
    await world.sync();
    await set(...rows("7"));
    const walk = async () => {
      let cursor = null;
      do {
        const answer = await world.admin("POST", "/admin/prices/reprice", { cursor });
        if (answer.status === 409) continue;
        assert.equal(answer.status, 200, answer.text);
        cursor = answer.body.next_cursor;
      } while (cursor !== null);
    };
    await Promise.all([walk(), walk(), report(machine, "known", 5), walk()]);
    assert.equal(await world.number("SELECT cost FROM license_spend WHERE license_id = ?", machine.id), 1205 * 7e9);
    await world.sync();
    await expectExact();
    const { body } = await world.admin("POST", "/admin/prices/reprice?dry_run=1", {});
    assert.ok(body.next_cursor);
    for (const content of [{ cursor: "x" }, { cursor: body.next_cursor, since: "2026-01-01" }, { since: "soon" }, { all: true }]) {
      assertProblem(await world.admin("POST", "/admin/prices/reprice", content), 400, "invalid_request");
    }
  });

  test("is brought up to date by the command line: LiteLLM's map, then history", async () => {
    await set(row("known", "1"), row("kept", "9"));
    const machine = await seated();
    await report(machine, "known", 2);
    const directory = mkdtempSync(join(tmpdir(), "latchkey-prices-"));
    const file = join(directory, "map.json");
    const entry = '{"litellm_provider":"mistral","mode":"chat","input_cost_per_token":5e-06,"output_cost_per_token":2e-06}';
    writeFileSync(file, `{"mistral/known":${entry},"mistral/brand-new":${entry}}`);
    const env = {
      ...process.env, LATCHKEY_URL: String(world.url), LATCHKEY_ADMIN_TOKEN: world.secrets.ADMIN_TOKEN,
      LATCHKEY_LOCAL_FILE: "/nonexistent",
    };
    const latchkey = async (...args) =>
      (await promisify(execFile)(rootPath("scripts/latchkey"), ["price", ...args], { env })).stdout;
    const { version } = await get();
    try {
      const since = new Date().toISOString().slice(0, 10);
      await latchkey("import", file, "--since", since);
      assert.equal((await get()).version, version);
      await latchkey("import", file, "--since", since, "--yes", "--note", "from the map");
      const now = await get();
      assert.deepEqual([now.version, now.note], [version + 1, "from the map"]);
      assert.deepEqual(now.rows.map(({ model, input }) => `${model} ${input}`), ["brand-new 5", "kept 9", "known 1", "known 5"]);
      const exported = join(directory, "prices.json");
      writeFileSync(exported, await latchkey("export"));
      const again = JSON.parse(await latchkey("set", exported, "--yes", "--json"));
      assert.equal(again.version, version + 1, "what was exported is what is in force");
      const repriced = JSON.parse(await latchkey("reprice", "--json"));
      assert.ok(repriced.changed >= 2);
      assert.equal(await world.number("SELECT cost FROM license_spend WHERE license_id = ?", machine.id), 10e9);
      assert.match(await latchkey("list", "--model", "known"), /^mistral +known .* 5 /m);
      assert.match(await latchkey("versions"), /from the map/);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
    await world.sync();
    await expectExact();
  });
});
