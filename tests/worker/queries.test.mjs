// The session, the cookbook and the overview, as the dashboard and the command line ask for them.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { latchkey } from "../cli/support.mjs";
import { failing } from "../support/failing.mjs";
import { assertProblem, freshMachine, openWorld } from "../support/world.mjs";

const dayMs = 86_400_000;

let world;
before(async () => {
  world = await openWorld({ wrapper: failing, vars: { D1_TIMEOUT_MS: "2000" } });
  const { code } = await world.license();
  await world.license({ note: "=1+1, \"quoted\"" });
  const machine_id = freshMachine();
  await world.provision({ license_id: code, machine_id, delivery: "plain" });
  await world.provision({ license_id: "NO-SUCH-LICENCE", machine_id });
  // A day of each of ten weeks' use, so that a forecast can be made.
  const insert = world.db.prepare(
    `INSERT INTO usage_totals (hour, plan, provider, model, requests, input_tokens, output_tokens, cached_input_tokens,
       reasoning_tokens, cost, unpriced, seq) VALUES (?, 'pro', 'kimi', 'm', 2, 1, 1, 0, 0, 1500000000, 1, 1)`,
  );
  const today = Math.floor(Date.now() / dayMs);
  await world.db.batch(Array.from({ length: 70 }, (_, i) => insert.bind((today - i) * 24)));
});
after(() => world.stop());

const cli = (args, more = {}) => latchkey(args, { url: world.url.origin, token: world.secrets.ADMIN_TOKEN, ...more });
const run = (name, body, headers) => world.admin("POST", `/admin/queries/${name}`, body, headers);

describe("the session", () => {
  test("is of whoever asks, whatever the scopes, and of nobody else", async () => {
    const { body: made } = await world.admin("POST", "/admin/tokens", { name: "page", scopes: ["usage:read", "queries:read"] });
    const own = { authorization: `Bearer ${made.token}` };
    const { status, body } = await world.send("GET", "/admin/session", undefined, own);
    assert.equal(status, 200);
    assert.deepEqual(
      [body.actor, body.kind, body.name, body.token_id, body.expires_at, body.scopes],
      ["admin:page", "token", "page", made.id, null, ["queries:read", "usage:read"]],
    );
    const paths = (await world.fetch("/openapi.json")).body.paths;
    const operations = Object.values(paths).flatMap((item) => Object.values(item));
    const scopes = new Set(operations.flatMap(({ security }) => security?.[0].admin ?? []));
    assert.deepEqual(body.known_scopes, [...scopes].sort());
    assert.deepEqual((await world.admin("GET", "/admin/session")).body.scopes, body.known_scopes);
    assertProblem(await world.send("GET", "/admin/session"), 401, "unauthorized");
    await world.admin("DELETE", `/admin/tokens/${made.id}`);
    assertProblem(await world.send("GET", "/admin/session", undefined, own), 401, "unauthorized");
  });

  test("names the log that its checkpoints name", async () => {
    const { audit_origin } = (await world.admin("GET", "/admin/session")).body;
    const head = await world.admin("POST", "/admin/audit/checkpoint", {});
    assert.ok(JSON.stringify(head.body).includes(audit_origin), head.text);
  });

  test("latchkey whoami prints it", async () => {
    const { status, stdout } = await cli(["whoami"]);
    assert.equal(status, 0);
    assert.match(stdout, /^actor +admin:bootstrap$/m);
    assert.match(stdout, /^scopes +all$/m);
    assert.equal(JSON.parse((await cli(["whoami", "--json"])).stdout).kind, "bootstrap");
    assert.equal((await cli(["whoami"], { token: "wrong" })).status, 4);
  });
});

describe("a query", () => {
  test("needs queries:read", async () => {
    const { body: made } = await world.admin("POST", "/admin/tokens", { name: "few", scopes: ["licenses:read"] });
    const own = { authorization: `Bearer ${made.token}` };
    assertProblem(await world.send("GET", "/admin/queries", undefined, own), 403, "forbidden");
    assertProblem(await world.send("POST", "/admin/queries/behind_kv", {}, own), 403, "forbidden");
  });

  test("that does not exist, and a parameter that does not, are refused with those that do", async () => {
    const none = await run("nothing", {});
    assertProblem(none, 404, "not_found");
    assert.match(none.body.message, /There are: admin_acts, .*webhook_failures\./);
    const wrong = await run("grants_per_hour", { parameters: { days: 1, hours: "x" } });
    assertProblem(wrong, 400, "invalid_request");
    assert.deepEqual(wrong.body.errors.map(({ location }) => location), ["parameters.days", "parameters.hours"]);
    assertProblem(await run("key_ages", { sql: "DELETE FROM licenses" }), 400, "invalid_request");
  });

  test("takes a text as a text, whatever it holds", async () => {
    for (const license of ["' OR 1=1 --", "lic_%", "\"; DROP TABLE licenses", "lic_0') OR ('a'='a"]) {
      const { status, body } = await run("license_machines", { parameters: { license } });
      assert.deepEqual([status, body.rows], [200, []], license);
    }
    assert.equal(await world.number("SELECT count(*) FROM licenses"), 2);
  });

  test("counts grants and refusals of the hour, and what was used when", async () => {
    const grants = (await run("grants_per_hour", {})).body;
    const sums = grants.rows.reduce(([granted, denied], row) => [granted + row[1], denied + row[2]], [0, 0]);
    assert.deepEqual(sums, [1, 1]);
    const days = (await run("grants_per_day", { parameters: { days: 2 } })).body;
    assert.equal(days.rows.reduce((sum, row) => sum + row[1], 0), 1);
    const peaks = (await run("peak_hours", {})).body;
    assert.deepEqual(peaks.rows.map((row) => row.slice(0, 2)), [0, 1, 2, 3, 4, 5, 6].map((weekday) => [weekday, 0]));
    assert.deepEqual(peaks.rows.map((row) => row.slice(2)), Array(7).fill([8, "6.0000"]));
    const costs = (await run("cost_per_hour", { parameters: { hours: 24 } })).body;
    assert.deepEqual(costs.rows.map((row) => row.slice(1)), [[2, "1.5000", 1]]);
  });

  test("weekdays of the peak hours are those of the calendar", async () => {
    const day = new Date(Math.floor(Date.now() / dayMs - 3) * dayMs);
    const { body } = await run("peak_hours", { parameters: { days: 3 } });
    assert.ok(body.rows.some(([weekday]) => weekday === (day.getUTCDay() + 6) % 7));
    assert.equal(body.rows.length, 3);
  });

  test("answers no more rows than asked for, and says that there are more", async () => {
    const { body } = await run("cost_per_hour", { parameters: { hours: 2000 }, limit: 5 });
    assert.equal(body.rows.length, 5);
    assert.equal(body.truncated, true);
    assert.equal((await run("cost_per_hour", { parameters: { hours: 100 }, limit: 5 })).body.truncated, false);
  });

  test("is answered again under its Idempotency-Key, and writes nothing", async () => {
    const before = await world.number("SELECT max(seq) FROM audit_log");
    const header = { "idempotency-key": "a query" };
    const first = await run("cost_per_hour", {}, header);
    const second = await run("cost_per_hour", {}, header);
    assert.equal(second.headers.get("idempotent-replayed"), "true");
    assert.equal(first.text, second.text);
    assert.equal(await world.number("SELECT max(seq) FROM audit_log"), before);
  });

  test("is a 503 while D1 is away", async () => {
    for (const how of ["dead", "dead from 2"]) {
      assertProblem(await run("behind_kv", {}, { "x-db": how }), 503, "unavailable");
    }
  });
});

describe("latchkey query", () => {
  test("list shows each with its parameters", async () => {
    const { status, stdout } = await cli(["query", "list"]);
    assert.equal(status, 0);
    assert.match(stdout, /^license_acts +license=\.\.\. +What admins/m);
    assert.match(stdout, /^grants_per_hour +hours=48 newest=200000 +Grants/m);
    const lines = (await cli(["query", "list", "--json"])).stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines.length, stdout.trim().split("\n").length - 1);
  });

  test("run prints a table, JSON, lines of JSON and CSV", async () => {
    const args = ["query", "run", "licenses_never_used", "--param", "days=0"];
    const table = await cli(args);
    assert.equal(table.status, 0, table.stderr);
    assert.match(table.stdout, /^ID +CODE_HINT +PLAN +CREATED +NOTE$/m);
    assert.match(table.stderr, /^1 row; D1 read \d+\.$/m);
    const json = JSON.parse((await cli([...args, "--json"])).stdout);
    assert.equal(json.rows[0][4], "=1+1, \"quoted\"");
    assert.deepEqual(JSON.parse((await cli([...args, "--format", "ndjson"])).stdout).note, "=1+1, \"quoted\"");
    const csv = (await cli([...args, "--format", "csv"])).stdout.trim().split("\n");
    assert.equal(csv[0], "id,code_hint,plan,created,note");
    assert.ok(csv[1].endsWith(`,"'=1+1, ""quoted"""`), csv[1]);
    const limited = await cli(["query", "run", "cost_per_hour", "--param", "hours=2000", "--limit", "2"]);
    assert.match(limited.stderr, /^2 rows, and there are more; D1 read \d+\.$/m);
  });

  test("sends nothing where it is asked for wrongly, and says what there is", async () => {
    const wrong = async (args, message) => {
      const { status, stderr } = await cli(["query", "run", ...args]);
      assert.equal(status, 2, stderr);
      assert.match(stderr, message);
    };
    await wrong(["key_age"], /no query 'key_age'. Did you mean key_ages\?/);
    await wrong(["key_ages", "--param", "days=1"], /no parameter 'days'. It takes: none/);
    await wrong(["grants_per_hour", "--param", "hours=x"], /--param hours must be a whole number from 1 to 1000/);
    await wrong(["grants_per_hour", "--param", "hours"], /NAME=VALUE/);
    await wrong(["grants_per_hour", "--param", "hours=1", "--param", "hours=2"], /given twice/);
    await wrong(["license_acts"], /needs --param license=/);
    await wrong(["key_ages", "--format", "xml"], /--format must be/);
    await wrong(["key_ages", "--limit", "0"], /--limit must be/);
  });
});

describe("the overview", () => {
  test("shows what there is, in one trip to D1 behind the token", async () => {
    await world.sync();
    const { status, body } = await world.admin("GET", "/admin/overview");
    assert.equal(status, 200);
    assert.deepEqual(body.licenses, { active: 2, expired: 0, revoked: 0, suspended: 0 });
    assert.equal(body.machines, 1);
    assert.deepEqual([body.provisions.minutes, body.provisions.granted, body.provisions.denied.unknown_license], [5, 1, 1]);
    assert.deepEqual(body.cost.today, { requests: 2, cost: "1.5", unpriced: 1 });
    const monthDays = new Date().getUTCDate();
    assert.deepEqual(body.cost.month, { requests: 2 * monthDays, cost: String(1.5 * monthDays), unpriced: monthDays });
    assert.equal(body.cost.days.length, 42);
    const { cost, cost_low, cost_high, until } = body.cost.forecast;
    assert.ok(Number(cost_low) <= Number(cost) && Number(cost) <= Number(cost_high));
    assert.match(until, /-01T00:00:00Z$/);
    assert.deepEqual(body.alerts, { critical: 0, warning: 0, info: 0 });
    assert.equal(body.kv.answers, true);
    assert.ok(body.providers.every(({ source, version }) => source === "secret" && version === 1));
    assert.deepEqual(body.capped, []);
    const doctor = (await world.admin("GET", "/admin/doctor")).body;
    assert.equal(body.status, doctor.status);
  });

  test("says that KV is away, and is a 503 where D1 is", async () => {
    const { status, body } = await world.admin("GET", "/admin/overview", undefined, { "x-kv": "dead" });
    assert.deepEqual([status, body.kv.answers, body.kv.took_ms, body.kv.outbox, body.status], [200, false, null, null, "fail"]);
    for (const how of ["dead", "dead from 2"]) {
      assertProblem(await world.admin("GET", "/admin/overview", undefined, { "x-db": how }), 503, "unavailable");
    }
  });

  test("needs metrics:read", async () => {
    const { body: made } = await world.admin("POST", "/admin/tokens", { name: "no-look", scopes: ["config:read"] });
    const own = { authorization: `Bearer ${made.token}` };
    assertProblem(await world.send("GET", "/admin/overview", undefined, own), 403, "forbidden");
  });
});
