// The soak's verdict: a database that differs from what the clients know is refused, whichever way it differs.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { Book } from "../soak/lib/book.mjs";
import {
  databaseViolations, kMemoryGrowthPagesMax, kMemoryRunMsMin, memoryViolations, recordEvent,
} from "../soak/lib/checks.mjs";
import { costOf, nanos } from "../soak/lib/cost.mjs";
import { Random } from "../soak/lib/random.mjs";
import { rootPath } from "../../scripts/lib/paths.mjs";
import { runProgram } from "./support.mjs";

const at = Date.parse("2026-11-20T12:34:56Z");
const hour = 498_660; // of `at`, since 1970
const day = 20_777;
const numAuditRows = 258; // one more than a tile, and the revocation

function openDatabase() {
  const db = new DatabaseSync(":memory:");
  const names = readdirSync(rootPath("d1")).filter((name) => name.endsWith(".sql")).sort();
  for (const name of names) db.exec(readFileSync(rootPath("d1", name), "utf8"));
  return db;
}

// sound: two clients of one licence, four events, and a database that holds just that. 100 tokens in, 40 of them cached,
// and 20 out, 5 of them reasoning, at qwen-turbo's 0.05, 0.2 and 0.5 dollars a million cost 10,500 nano-dollars.
function sound() {
  const db = openDatabase();
  const book = new Book();
  const tokens = { input: 100, output: 20, cached: 40, reasoning: 5 };
  const sent = [["e1", 1, "qwen-turbo"], ["e2", 1, "qwen-turbo"], ["e3", 2, "qwen-turbo"], ["e4", 2, "no-such-model"]];
  db.exec(`INSERT INTO licenses (id, code_hash, code_hint, kind, plan, plan_version, providers, deliveries, max_machines,
    status, created_at, updated_at) VALUES ('lic_1', 'h', 'W', 'generated', 'pro', 1, '[]', 7, 3, 'active', 0, 0),
    ('lic_2', 'i', 'W', 'generated', 'pro', 1, '[]', 7, 3, 'revoked', 0, 0)`);
  for (const [id, client, model] of sent) {
    const event = recordEvent("lic_1", client, "pro", { provider: "qwen", model, at, ...tokens });
    book.events.set(id, { ...event, acknowledged: true });
    db.prepare(`INSERT INTO usage_events (license_id, event_id, machine_id, plan, report, at, received_at, provider,
      model, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost, price_version)
      VALUES ('lic_1', ?, ?, 'pro', 1, ?, ?, 'qwen', ?, 100, 20, 40, 5, ?, 0)`)
      .run(id, `mch_${client}`, at, at, model, model === "qwen-turbo" ? 10_500 : null);
  }
  db.exec(`INSERT INTO license_spend VALUES ('lic_1', ${day}, 4, 31500, 1, 4);
    INSERT INTO usage_totals VALUES (${hour}, 'pro', 'qwen', 'qwen-turbo', 3, 300, 60, 120, 15, 31500, 0, 3),
      (${hour}, 'pro', 'qwen', 'no-such-model', 1, 100, 20, 40, 5, 0, 1, 4);
    UPDATE state SET usage_rolled_seq = 4;`);
  for (const [table, time] of [["usage_hourly", hour], ["usage_daily", day]]) {
    db.exec(`INSERT INTO ${table} VALUES
      ('lic_1', ${time}, 'qwen', 'qwen-turbo', 'mch_1', 2, 200, 40, 80, 10, 21000, 0, 2),
      ('lic_1', ${time}, 'qwen', 'qwen-turbo', 'mch_2', 1, 100, 20, 40, 5, 10500, 0, 3),
      ('lic_1', ${time}, 'qwen', 'no-such-model', 'mch_2', 1, 100, 20, 40, 5, 0, 1, 4)`);
  }
  const audit = db.prepare(`INSERT INTO audit_log (at, request_id, action, outcome, actor, license_id, machine_hash)
    VALUES (?, ?, ?, 'done', 'x', ?, ?)`);
  audit.run(1, "req_1", "license.created", "lic_1", null);
  audit.run(2, "req_2", "license.created", "lic_2", null);
  for (let i = 3; i < numAuditRows; i++) audit.run(i, `req_${i}`, "provision.granted", "lic_1", `machine_${i % 2}`);
  audit.run(numAuditRows, `req_${numAuditRows}`, "license.revoked", "lic_2", null);
  db.exec("INSERT INTO audit_nodes VALUES (8, 0, 'x')");
  for (const n of [0, 1]) {
    db.exec(`INSERT INTO machines (license_id, machine_hash, id, first_seen_at, last_seen_at, seated_at, ring_version,
      secrets_tag) VALUES ('lic_1', 'machine_${n}', 'mch_${n + 1}', 0, 0, 0, 1, '-')`);
  }
  book.created.push("lic_1", "lic_2");
  book.revoked.add("lic_2");
  book.provisions.push({ request_id: "req_10", license_id: "lic_1" }, { request_id: "req_257", license_id: "lic_1" });
  return { db, book };
}

describe("the verdict on the database", () => {
  test("is silent where all is well", () => {
    const { db, book } = sound();
    assert.deepEqual(databaseViolations(db, book), []);
  });

  const sql = (text) => ({ db }) => db.exec(text);
  const doctored = [
    ["an event deleted", sql("DELETE FROM usage_events WHERE event_id = 'e2'"), /lost though acknowledged: e2/],
    ["the newest event deleted", sql("DELETE FROM usage_events WHERE event_id = 'e4'"), /lost though acknowledged: e4/],
    ["an event that nobody sent", ({ book }) => book.events.delete("e1"), /no client sent: e1/],
    ["an event that nobody acknowledged", ({ book }) => (book.events.get("e1").acknowledged = false), /never acknowledged: e1/],
    ["an event under a second licence", sql(`INSERT INTO usage_events SELECT 5, 'lic_2', event_id, machine_id, plan, report,
      at, received_at, provider, model, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost,
      price_version FROM usage_events WHERE event_id = 'e1'`), /stored twice: e1/],
    ["other tokens", sql("UPDATE usage_events SET reasoning_tokens = 6 WHERE seq = 1"), /otherwise than sent: e1/],
    ["a nano-dollar too much", sql("UPDATE usage_events SET cost = cost + 1 WHERE seq = 1"), /another cost.*e1 \(10501/],
    ["an event without its price", sql("UPDATE usage_events SET cost = NULL WHERE seq = 1"), /another cost.*e1 \(null/],
    ["another's machine", sql("UPDATE usage_events SET machine_id = 'mch_1' WHERE seq = 3"), /another's machine: e3/],
    ["a ledger doubled", sql("UPDATE license_spend SET cost = cost * 2"), /license_spend.*has requests 4 cost 63000/],
    ["an hour doubled", sql("UPDATE usage_hourly SET requests = requests * 2 WHERE machine_id = 'mch_1'"), /of usage_hourly/],
    ["a day short of a token", sql("UPDATE usage_daily SET input_tokens = input_tokens - 1"), /of usage_daily/],
    ["a total short of one unpriced", sql("UPDATE usage_totals SET unpriced = 0"), /of usage_totals/],
    ["a sum missing", sql("DELETE FROM usage_daily WHERE machine_id = 'mch_2'"), /missing in usage_daily/],
    ["a sum too many", sql("INSERT INTO license_spend VALUES ('lic_2', 1, 1, 1, 0, 1)"), /license_spend.*no row/],
    ["events not added up", sql("UPDATE state SET usage_rolled_seq = 3"), /did not add up: 1/],
    ["an audit row gone", sql("DELETE FROM audit_log WHERE seq = 10"), /gaps in the audit log: between 9 and 11/],
    ["the first audit row gone", sql("DELETE FROM audit_log WHERE seq = 1"), /gaps in the audit log: between 0 and 2/],
    ["a grant's audit row gone", sql("DELETE FROM audit_log WHERE seq = 10"), /without an audit row: req_10/],
    ["a grant's audit row of another licence", sql("UPDATE audit_log SET license_id = 'lic_2' WHERE seq = 10"),
      /without an audit row: req_10/],
    ["a grant after a revocation", sql(`INSERT INTO audit_log (at, request_id, action, outcome, actor, license_id)
      VALUES (900, 'req_900', 'provision.granted', 'granted', 'x', 'lic_2')`), /after a revocation: lic_2/],
    ["a revocation without a row", sql("UPDATE audit_log SET action = 'x' WHERE action = 'license.revoked'"),
      /revoked without just one audit row: lic_2/],
    ["a licence with two births", sql("UPDATE audit_log SET action = 'license.created' WHERE seq = 9"),
      /made without just one audit row: lic_1/],
    ["a tile not hashed", sql("DELETE FROM audit_nodes"), /did not hash: 0/],
    ["a licence lost", ({ book }) => book.created.push("lic_9"), /licences lost.*lic_9/],
    ["a revocation undone", sql("UPDATE licenses SET status = 'active'"), /not revoked.*lic_2/],
    ["a seat without a grant", sql("UPDATE machines SET machine_hash = 'y' WHERE id = 'mch_1'"), /nobody was granted: mch_1/],
  ];
  for (const [name, change, message] of doctored) {
    test(`finds ${name}`, () => {
      const world = sound();
      change(world);
      assert.match(databaseViolations(world.db, world.book).join("\n"), message);
    });
  }
});

describe("the verdict on memory", () => {
  const page = 65_536;
  const run = (ms, ...grown) => ({ begunAt: 1000, endedAt: 1000 + ms, grown: grown.map(([at, bytes]) => ({ at, bytes })) });
  const long = 3 * kMemoryRunMsMin;
  const lateBy = (pages) => run(long, [1000, 64 * page], [long, (64 + pages) * page]);

  test("takes growth early in a run, and a little later on", () => {
    assert.deepEqual(memoryViolations([run(long, [1000, 64 * page], [2000, 500 * page]), lateBy(kMemoryGrowthPagesMax)]), []);
  });

  test("finds growth that goes on, and runs that tell nothing", () => {
    assert.match(memoryViolations([lateBy(kMemoryGrowthPagesMax + 1)])[0], /run 1 went on growing/);
    assert.match(memoryViolations([run(long)])[0], /no record/);
    assert.match(memoryViolations([run(kMemoryRunMsMin - 1, [1000, page])])[0], /nothing was seen/);
    assert.match(memoryViolations([])[0], /nothing was seen/);
  });
});

test("costs are worked out apart from the service, rounded once and half upwards", () => {
  assert.equal(nanos("12.5"), 12_500_000_000n);
  assert.equal(nanos("0.000000001"), 1n);
  const event = (more) => ({ provider: "deepseek", model: "deepseek-chat", at, input: 0, output: 0, cached: 0, reasoning: 0, ...more });
  // 0.3 dollars a million tokens in, 0.006 cached, 1.2 out.
  assert.equal(costOf(event({ input: 1 })), 300n);
  assert.equal(costOf(event({ input: 3, cached: 1, output: 2, reasoning: 1 })), 600n + 6n + 2400n);
  assert.equal(costOf({ ...event({ input: 1 }), at: Date.parse("2026-02-01") }), 280n);
  assert.equal(costOf(event({ model: "no-such-model", input: 1 })), null);
  // 0.0028 dollars a million: 2.8 nano-dollars a token.
  assert.equal(costOf({ ...event({ input: 1, cached: 1 }), at: Date.parse("2026-05-01") }), 3n);
});

test("the same seed draws the same, and forks do not move each other", () => {
  const draw = (random) => Array.from({ length: 20 }, () => random.whole(1, 1000));
  const [one, two] = [new Random(5), new Random(5)];
  const fork = one.fork();
  draw(fork);
  two.fork();
  assert.deepEqual(draw(one), draw(two));
  assert.notDeepEqual(draw(new Random(5)), draw(new Random(6)));
});

test("the command says what is wrong with its options, and runs nothing", async () => {
  const { status, stderr } = await runProgram("node_modules/.bin/node", ["tests/soak/main.mjs", "--seconds", "5"]);
  assert.equal(status, 2);
  assert.match(stderr, /--seconds must be a whole number from 20/);
});
