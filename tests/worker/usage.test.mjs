// What clients use, and what it costs: reports, the ledger, budgets that refuse, sums by cron.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { latchkey } from "../cli/support.mjs";
import { assertProblem, freshMachine, openWorld } from "../support/world.mjs";

let world;
before(async () => {
  world = await openWorld();
});
after(() => world.stop());

const minute = 60_000;
const day = 86_400_000;
let numEvents = 0;
const event = (more = {}) => ({
  event_id: `evt-${++numEvents}`,
  provider: "deepseek",
  model: "deepseek-chat",
  input_tokens: 1_000_000,
  output_tokens: 1_000_000,
  at: new Date().toISOString(),
  ...more,
});

async function seated(terms) {
  const license = await world.license(terms);
  const machine_id = freshMachine();
  const answer = await world.provision({ license_id: license.code, machine_id });
  assert.equal(answer.status, 200, answer.text);
  return { license, request: { license_id: license.code, machine_id }, receipt: answer.body.receipt };
}
const report = (request, events, headers) => world.send("POST", "/usage/report", { ...request, events }, headers);
async function reported(request, events, headers) {
  const answer = await report(request, events, headers);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}
const eventsOf = (id) => world.number("SELECT count(*) FROM usage_events WHERE license_id = ?", id);
// perMillion: what a million tokens in and a million out cost now, in nano-dollars, by the table in the build.
async function perMillion(provider = "deepseek", model = "deepseek-chat") {
  const { rows, aliases } = (await import("../../schema/prices.json", { with: { type: "json" } })).default;
  const name = aliases.find((one) => one.provider === provider && one.alias === model)?.model ?? model;
  const [row] = rows
    .filter((one) => one.provider === provider && one.model === name && Date.parse(one.effective_from) <= Date.now())
    .sort((a, b) => Date.parse(b.effective_from) - Date.parse(a.effective_from));
  return Math.round((Number(row.input) + Number(row.output)) * 1e9);
}

describe("POST /usage/report", () => {
  test("counts events by licence and machine, and says what they cost", async () => {
    const { license, request } = await seated();
    const answer = await report(request, [event(), event({ cached_input_tokens: 0, reasoning_tokens: null })]);
    assert.equal(answer.status, 200, answer.text);
    const cost = (2 * (await perMillion())) / 1e9;
    assert.deepEqual(answer.body, {
      success: true,
      accepted: 2,
      duplicates: 0,
      unpriced: 0,
      rejected: [],
      usage: { period: "monthly", cost: String(cost), limit: null, remaining: null, resets_at: answer.body.usage.resets_at },
    });
    assert.match(answer.body.usage.resets_at, /-01T00:00:00Z$/);
    assert.match(answer.headers.get("ratelimit"), /"report_ip";r=\d+;t=\d+, "report_license";r=119;t=\d+/);
    assert.equal(await eventsOf(license.id), 2);
  });

  test("takes a receipt in place of both, in the body and as bearer, and beside either", async () => {
    const { license, request, receipt } = await seated();
    const bearer = { authorization: `Bearer ${receipt}` };
    await reported({ receipt }, [event()]);
    await reported({}, [event()], bearer);
    await reported({ machine_id: request.machine_id }, [event()], bearer);
    await reported({ ...request, receipt }, [event()]);
    assert.equal(await eventsOf(license.id), 4);
    assert.equal(
      await world.number("SELECT count(DISTINCT machine_id) FROM usage_events WHERE license_id = ?", license.id), 1,
    );
    const other = await seated();
    assertProblem(await report({ ...request, receipt: other.receipt }, [event()]), 401, "invalid_license");
    assertProblem(await report({ ...request, machine_id: freshMachine(), receipt }, [event()]), 401, "invalid_license");
    assertProblem(await report({ receipt: receipt.slice(0, 100) }, [event()]), 401, "invalid_license");
    assertProblem(await report({}, [event()], { authorization: "Bearer x" }), 401, "invalid_license");
    assertProblem(await report({}, [event()], { authorization: "Basic x" }), 401, "invalid_license");
    assertProblem(await report({}, [event()]), 400, "invalid_request");
  });

  test("keeps the good of a batch and says of each other one what is wrong with it", async () => {
    const { license, request } = await seated();
    const ahead = (ms) => new Date(Date.now() + ms).toISOString();
    const good = [event(), event({ at: ahead(-34 * day) }), event({ at: ahead(4 * minute) })];
    const bad = [
      [event({ input_tokens: -1 }), "invalid_event", /input_tokens/],
      [event({ output_tokens: 1.5 }), "invalid_event", /output_tokens/],
      [event({ input_tokens: 1e9 + 1 }), "invalid_event", /input_tokens/],
      [event({ input_tokens: 1e300 }), "invalid_event", /input_tokens/],
      [event({ output_tokens: "5" }), "invalid_event", /output_tokens/],
      [event({ output_tokens: undefined }), "invalid_event", /output_tokens is required/],
      [event({ cached_input_tokens: 1_000_001 }), "invalid_event", /cached_input_tokens/],
      [event({ reasoning_tokens: 1_000_001 }), "invalid_event", /reasoning_tokens/],
      [event({ at: ahead(6 * minute) }), "in_future", /future/],
      [event({ at: "9999-12-31T23:59:59Z" }), "in_future", /future/],
      [event({ at: ahead(-36 * day) }), "too_old", /35 days/],
      [event({ at: "yesterday" }), "invalid_event", /at must be a time/],
      [event({ at: undefined }), "invalid_event", /at is required/],
      [event({ provider: "openai" }), "unknown_provider", /deepseek, kimi/],
      [event({ provider: null }), "invalid_event", /provider/],
      [event({ model: "" }), "invalid_event", /model/],
      [event({ model: "m".repeat(101) }), "invalid_event", /model/],
      [event({ event_id: "" }), "invalid_event", /event_id/],
      [event({ event_id: "e".repeat(65) }), "invalid_event", /event_id/],
      [event({ event_id: "a\u0000b" }), "invalid_event", /event_id/],
      [event({ event_id: 5 }), "invalid_event", /event_id/],
      ["event", "invalid_event", /object/],
      [null, "invalid_event", /object/],
      [[], "invalid_event", /object/],
      [{ ...good[0], output_tokens: 7 }, "conflict", /another event/],
    ];
    const body = await reported(request, [...good, ...bad.map(([one]) => one), good[0]]);
    assert.equal(body.accepted, 3);
    assert.equal(body.duplicates, 1);
    assert.equal(body.rejected.length, bad.length);
    bad.forEach(([, error, message], i) => {
      const row = body.rejected[i];
      assert.equal(row.index, good.length + i);
      assert.equal(row.error, error, JSON.stringify(row));
      assert.match(row.message, message);
      assert.equal(row.status, error === "conflict" ? 409 : 400);
    });
    assert.equal(await eventsOf(license.id), 3);
  });

  test("again stores nothing, and other content under an id is a 409 in its row", async () => {
    const { license, request } = await seated();
    const events = [event(), event(), event()];
    await reported(request, events);
    const again = await reported(request, [...events, event()]);
    assert.deepEqual([again.accepted, again.duplicates], [1, 3]);
    const other = await reported(request, [{ ...events[1], model: "deepseek-reasoner" }]);
    assert.deepEqual([other.accepted, other.duplicates, other.rejected[0].status], [0, 0, 409]);
    assert.equal(await eventsOf(license.id), 4);
  });

  test("counts an unknown model and says that it has no price", async () => {
    const { license, request } = await seated();
    const body = await reported(request, [event({ model: "deepseek-v99" }), event()]);
    assert.deepEqual([body.accepted, body.unpriced], [2, 1]);
    assert.equal(body.usage.cost, String((await perMillion()) / 1e9));
    assert.equal(await world.number("SELECT sum(unpriced) FROM license_spend WHERE license_id = ?", license.id), 1);
  });

  test("refuses a whole that is no report", async () => {
    const { request } = await seated();
    for (const events of [undefined, null, {}, "x", 5, Array.from({ length: 501 }, () => event())]) {
      assertProblem(await report(request, events), 400, "invalid_request");
    }
    assertProblem(await report({ ...request, machine_id: 5 }, []), 400, "invalid_request");
    assertProblem(await report({ ...request, pad: "x".repeat(300_000) }, []), 413, "body_too_large");
    assertProblem(await world.send("POST", "/usage/report", "[]"), 400, "invalid_request");
    assertProblem(await world.send("GET", "/usage/report"), 405, "method_not_allowed");
  });

  test("refuses another licence's machine, an unknown one and an unknown licence, and audits it", async () => {
    const { request } = await seated();
    const other = await seated();
    const wrong = await report({ ...request, machine_id: other.request.machine_id }, [event()]);
    assertProblem(wrong, 403, "forbidden");
    assertProblem(await report({ ...request, machine_id: freshMachine() }, [event()]), 403, "forbidden");
    assertProblem(await report({ ...request, license_id: "WRITER-2024-NONE" }, [event()]), 401, "invalid_license");
    const [row] = await world.audit("request_id = ?", wrong.headers.get("x-request-id"));
    assert.deepEqual([row.action, row.outcome, row.reason], ["usage.denied", "denied", "unknown_machine"]);
  });

  test("has limits of its own, which provisioning does not feel", async () => {
    const { license, request } = await seated();
    await reported(request, []);
    await world.setHits(`report:${license.id}`, 120);
    const over = await report(request, [event()]);
    assertProblem(over, 429, "rate_limited");
    assertProblem(await report(request, [event()]), 429, "rate_limited");
    assert.equal((await world.provision(request)).status, 200);
    assert.equal((await world.audit("license_id = ? AND action = 'usage.denied'", license.id)).length, 1);
  });

  test("by many clients at once loses and doubles nothing", async () => {
    const { license, request } = await seated();
    const events = Array.from({ length: 40 }, () => event({ input_tokens: 10, output_tokens: 10 }));
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => reported(request, events.slice(i * 2, i * 2 + 18))),
    );
    const accepted = answers.reduce((sum, one) => sum + one.accepted, 0);
    const duplicates = answers.reduce((sum, one) => sum + one.duplicates, 0);
    assert.equal(accepted, 40);
    assert.equal(accepted + duplicates, 12 * 18);
    assert.equal(await eventsOf(license.id), 40);
    assert.equal(await world.number("SELECT sum(requests) FROM license_spend WHERE license_id = ?", license.id), 40);
  });
});

describe("a budget", () => {
  const revise = async (license, terms) => {
    const answer = await world.admin("PATCH", `/admin/licenses/${license.id}`, terms);
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };

  test("that blocks refuses keys with the limit that bit, and reports are taken all the same", async () => {
    const { license, request, receipt } = await seated();
    const each = await perMillion();
    const limit = String((each * 1.5) / 1e9);
    const revised = await revise(license, { budget: { daily: limit }, enforcement: "block" });
    assert.deepEqual(revised.budget, { daily: limit, monthly: null, total: null });
    assert.equal(revised.enforcement, "block");
    const first = await reported(request, [event()]);
    assert.deepEqual(
      [first.usage.period, first.usage.limit, first.usage.remaining], ["daily", limit, String((each * 0.5) / 1e9)],
    );
    assert.equal((await world.provision(request)).status, 200);
    const second = await reported(request, [event()]);
    assert.equal(second.usage.remaining, "0");
    for (const path of ["/keys/provision", "/keys/status"]) {
      const refused = await world.send("POST", path, request);
      const body = assertProblem(refused, 402, "budget_exceeded");
      assert.deepEqual(body.usage, second.usage);
      assert.equal(body.resets_at, second.usage.resets_at);
      assert.match(body.message, /today; it resets at/);
      assert.equal(body.keys, undefined);
    }
    assert.equal((await world.receiptStatus(receipt)).status, 200, "KV has not heard of it");
    await world.sync();
    const read = await world.receiptStatus(receipt);
    const body = assertProblem(read, 402, "budget_exceeded");
    assert.deepEqual(body.usage, second.usage);
    assert.equal(body.resets_at, second.usage.resets_at);
    const [denied] = await world.audit("license_id = ? AND action = 'provision.denied'", license.id);
    assert.equal(denied.reason, "budget_exceeded");
    assert.equal((await reported({ receipt }, [event()])).accepted, 1);
    assert.equal((await world.send("POST", "/machines/release", request)).status, 200, "a seat is freed all the same");
    await revise(license, { budget: null, enforcement: null });
    assert.equal((await world.provision(request)).status, 200);
    assert.equal((await world.receiptStatus(receipt)).status, 200);
  });

  test("that warns hands out keys with a notice, and one that tracks says nothing", async () => {
    const { license, request } = await seated();
    await reported(request, [event()]);
    for (const [enforcement, codes] of [["warn", ["budget_warning"]], ["track", []]]) {
      await revise(license, { budget: { monthly: "0.0001" }, enforcement });
      const { body } = await world.provision(request);
      assert.deepEqual(body.notices.map(({ code }) => code), codes);
    }
  });

  test("of a plan is that of its licences", async () => {
    const name = `budget-${Date.now()}`;
    const plan = { providers: ["deepseek"], deliveries: ["fernet"], max_machines: 2, budget: { total: "0.000001" }, enforcement: "block" };
    assert.equal((await world.admin("PUT", `/admin/plans/${name}`, plan)).status, 200);
    const { license, request } = await seated({ plan: name });
    await reported(request, [event()]);
    assertProblem(await world.provision(request), 402, "budget_exceeded");
    await revise(license, { plan: "pro" });
    assert.equal((await world.provision(request)).status, 200);
  });

  test("that is no amount is refused", async () => {
    const { license } = await seated();
    for (const budget of [{ daily: -1 }, { daily: "-1" }, { daily: 5 }, { weekly: "5" }, { daily: "1.0000000001" }, "5"]) {
      assertProblem(await world.admin("PATCH", `/admin/licenses/${license.id}`, { budget }), 400, "invalid_request");
    }
    assertProblem(await world.admin("PATCH", `/admin/licenses/${license.id}`, { enforcement: "hope" }), 400, "invalid_request");
  });
});

test("cron brings every event into the sums once, and the console's views show them", async () => {
  const { license, request } = await seated();
  await reported(request, [event(), event({ at: new Date(Date.now() - 3 * day).toISOString() })]);
  for (let i = 0; i < 2; i++) {
    await world.sync();
    for (const table of ["usage_hourly", "usage_daily"]) {
      const sql = `SELECT sum(requests) FROM ${table} WHERE license_id = ?`;
      assert.equal(await world.number(sql, license.id), 2, table);
    }
  }
  const events = await world.number("SELECT count(*) FROM usage_events");
  assert.equal(await world.number("SELECT sum(requests) FROM usage_totals"), events);
  assert.equal(await world.number("SELECT sum(requests) FROM v_usage_daily"), events);
  assert.ok((await world.number("SELECT sum(cost_usd) FROM v_costs_by_license WHERE license_id = ?", license.id)) > 0);
  assert.ok((await world.number("SELECT count(*) FROM v_unpriced_models")) > 0);
});

describe("what admins ask", () => {
  let seat;
  before(async () => {
    seat = await seated();
    const events = Array.from({ length: 30 }, (_, i) =>
      event({
        at: new Date(Date.now() - i * day).toISOString(),
        ...(i % 3 === 0 && { provider: "mistral", model: "mistral-large-latest" }),
      }),
    );
    await reported(seat.request, events);
    await world.sync();
  });
  const get = async (path) => {
    const answer = await world.admin("GET", path);
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };

  test("sums by whatever is asked for come to the same", async () => {
    const id = seat.license.id;
    const all = await get(`/admin/usage?license_id=${id}`);
    assert.equal(all.total.requests, 30);
    for (const by of ["day", "hour,model", "month,provider", "hour_of_day", "weekday,machine", "provider,model,machine"]) {
      const { data, total } = await get(`/admin/usage?license_id=${id}&by=${by}`);
      assert.deepEqual(total, all.total, by);
      for (const name of by.split(",")) assert.ok((name === "machine" ? "machine_id" : name) in data[0], by);
    }
    assert.equal((await get(`/admin/usage?license_id=${id}&provider=mistral`)).total.requests, 10);
    const events = await world.number("SELECT count(*) FROM usage_events");
    // Up to tomorrow: a client's clock may be ahead, and what it reports then lie in the next hour.
    const tomorrow = new Date(Date.now() + day).toISOString();
    assert.equal((await get(`/admin/usage?by=plan&from=2000-01-01&until=${tomorrow}`)).total.requests, events);
  });

  test("refuses what it does not understand", async () => {
    for (const query of [
      "by=week", "by=day,day", "by=day,hour", "by=machine", "from=x", "until=1", "from=2027-01-01&until=2026-01-01",
      "plan=pro&license_id=x", "machine_id=x", "licence=x", "from=1960-01-01",
    ]) {
      assertProblem(await world.admin("GET", `/admin/usage?${query}`), 400, "invalid_request");
    }
    assertProblem(await world.admin("GET", "/admin/licenses/lic_none/usage"), 404, "not_found");
    const { next_cursor: cursor } = await get("/admin/usage/daily?limit=1");
    const forged = `${cursor[0] === "A" ? "B" : "A"}${cursor.slice(1)}`;
    for (const query of [`cursor=${forged}`, `cursor=${cursor}&license_id=x`, `cursor=${cursor}&from=2020-01-01`, "cursor=x"]) {
      assertProblem(await world.admin("GET", `/admin/usage/daily?${query}`), 400, "invalid_request");
    }
  });

  test("a licence's standing, its days and a forecast with an interval", async () => {
    await world.admin("PATCH", `/admin/licenses/${seat.license.id}`, { budget: { total: "1000" }, enforcement: "warn" });
    const usage = await get(`/admin/licenses/${seat.license.id}/usage`);
    assert.equal(usage.days.length, 30);
    const [{ usage: standing, forecast }] = usage.limits;
    assert.equal(standing.period, "total");
    assert.equal(standing.limit, "1000");
    assert.ok(Number(forecast.cost_low) <= Number(forecast.cost) && Number(forecast.cost) <= Number(forecast.cost_high));
    assert.equal(usage.blocked, false);
  });

  test("with the CLI, to look at and to export", async () => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-usage-"));
    const cli = async (args, status = 0) => {
      const run = await latchkey(args, { url: world.url, token: world.secrets.ADMIN_TOKEN });
      assert.equal(run.status, status, `${args.join(" ")}: ${run.stdout}${run.stderr}`);
      return run;
    };
    try {
      const id = seat.license.id;
      assert.match((await cli(["usage", "show", "--license", id, "--by", "weekday"])).stdout, /Monday\s+#/);
      assert.match((await cli(["usage", "top"])).stdout, new RegExp(id));
      assert.match((await cli(["usage", "license", id])).stdout, /total limit\s+\$/);
      assert.equal(JSON.parse((await cli(["usage", "show", "--license", id, "--json"])).stdout).total.requests, 30);
      const names = ["--from", "2020-01-01", "--license", id];
      const file = join(folder, "usage.csv");
      await cli(["usage", "export", ...names, "--out", file]);
      const rows = parse(readFileSync(file, "utf8"), { columns: true });
      assert.equal(rows.length, 30);
      assert.equal(rows.reduce((sum, row) => sum + Number(row.x_Requests), 0), 30);
      assert.equal(rows[0].BillingCurrency, "USD");
      assert.equal(rows[0].SubAccountId, id);
      assert.match((await cli(["usage", "export", "--out", file], 2)).stderr, /--force/);
      const lines = (await cli(["usage", "export", ...names, "--format", "ndjson"])).stdout.trim().split("\n");
      assert.equal(lines.map((line) => JSON.parse(line)).length, 30);
      assert.equal(JSON.parse((await cli(["usage", "export", ...names, "--format", "json"])).stdout).length, 30);
      const change = async (...flags) => JSON.parse((await cli(["license", "change", id, ...flags, "--json"])).stdout);
      const changed = await change("--budget-daily", "5", "--enforcement", "block");
      assert.deepEqual(changed.budget, { daily: "5", monthly: null, total: null });
      assert.equal((await change("--budget", "plan", "--enforcement", "plan")).enforcement, "track");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
