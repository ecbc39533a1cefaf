// GET /admin/doctor, and latchkey doctor beside a service that is well, ill, misconfigured and away.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { latchkey } from "../cli/support.mjs";
import { failing } from "../support/failing.mjs";
import { assertProblem, openWorld } from "../support/world.mjs";

let world;
before(async () => {
  world = await openWorld({ wrapper: failing, vars: { D1_TIMEOUT_MS: "2000" } });
});
after(() => world.stop());

const run = (args = [], more = {}) =>
  latchkey(["doctor", ...args], { url: world.url.origin, token: world.secrets.ADMIN_TOKEN, ...more });
async function checks(headers) {
  const answer = await world.admin("GET", "/admin/doctor", undefined, headers);
  assert.equal(answer.status, 200, answer.text);
  return { ...answer.body, of: Object.fromEntries(answer.body.data.map((check) => [check.name, check])) };
}

test("a service where cron never ran fails, and says what to do", async () => {
  const { status, of } = await checks();
  assert.equal(status, "fail");
  assert.equal(of.cron.status, "fail");
  assert.match(of.cron.what_to_do, /wrangler\.toml/);
  for (const name of ["crypto", "d1", "schema", "kv", "outbox", "clock", "provider_keys", "secrets", "settings"]) {
    assert.equal(of[name].status, "ok", JSON.stringify(of[name]));
    assert.equal(of[name].what_to_do, null);
  }
  const { status: exit, stdout } = await run();
  assert.equal(exit, 1, stdout);
  assert.match(stdout, /^FAIL {2}cron +never ran$/m);
  assert.match(stdout, /^ +-> See that wrangler\.toml/m);
});

test("once cron ran nothing fails, and the exit code is 0 though something is to be looked at", async () => {
  await world.sync();
  const { status, of, time } = await checks();
  assert.equal(status, "warn", JSON.stringify(of));
  assert.equal(of.cron.status, "ok");
  assert.equal(of.kv_copy.status, "ok");
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 5000);
  const { status: exit, stdout, stderr } = await run();
  assert.equal(exit, 0, stdout);
  assert.match(stdout, /^ok {4}service +http/m);
  assert.match(stdout, /^ok {4}clock_here +agrees/m);
  assert.match(stdout, /^WARN {2}backup +never made$/m);
  assert.match(stderr, /^\d+ ok, \d+ to look at, 0 failed$/m);
});

test("--json prints one document with every check", async () => {
  const { status, stdout } = await run(["--json"]);
  assert.equal(status, 0);
  const document = JSON.parse(stdout);
  assert.equal(document.status, "warn");
  assert.equal(document.url, world.url.origin);
  const { data } = await checks();
  assert.deepEqual(document.checks.map(({ name }) => name), ["service", ...data.map(({ name }) => name), "clock_here"]);
  for (const check of document.checks) {
    assert.deepEqual(Object.keys(check), ["name", "status", "detail", "what_to_do"]);
    assert.equal(check.what_to_do === null, check.status === "ok", check.name);
  }
});

test("it reminds of the bootstrap token once a named one could stand in for it", async () => {
  assert.equal((await checks()).of.bootstrap.status, "ok");
  const made = await world.admin("POST", "/admin/tokens", { name: "ann", scopes: ["*"] });
  const { of } = await checks();
  assert.equal(of.bootstrap.status, "warn");
  assert.match(of.bootstrap.what_to_do, /latchkey token bootstrap off/);
  await world.admin("DELETE", `/admin/tokens/${made.body.id}`);
});

test("a migration that is missing fails", async () => {
  const sql = "SELECT name FROM d1_migrations ORDER BY name DESC LIMIT 1";
  const { name } = await world.db.prepare(sql).first();
  await world.db.prepare("DELETE FROM d1_migrations WHERE name = ?").bind(name).run();
  const { of } = await checks();
  await world.db.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name).run();
  assert.equal(of.schema.status, "fail");
  assert.match(of.schema.what_to_do, /npm run deploy/);
});

test("KV away is a check that fails, and not an outage", async () => {
  const { status, of } = await checks({ "x-kv": "dead" });
  assert.equal(status, "fail");
  assert.equal(of.kv.status, "fail");
  assert.equal(of.outbox.status, "warn");
  assert.equal(of.d1.status, "ok");
});

test("D1 away is an outage", async () => {
  for (const how of ["dead", "dead from 2"]) {
    assertProblem(await world.admin("GET", "/admin/doctor", undefined, { "x-db": how }), 503, "unavailable");
  }
});

test("rows that wait in KV are counted", async () => {
  for (let i = 0; i < 3; i++) await world.kv.put(`outbox:req_${i}`, "{}");
  const { of } = await checks();
  assert.equal(of.outbox.detail, "3 audit rows waiting");
  for (let i = 0; i < 3; i++) await world.kv.delete(`outbox:req_${i}`);
});

test("it needs config:read", async () => {
  const made = await world.admin("POST", "/admin/tokens", { name: "few", scopes: ["metrics:read"] });
  const own = { authorization: `Bearer ${made.body.token}` };
  assertProblem(await world.send("GET", "/admin/doctor", undefined, own), 403, "forbidden");
  const { status, stdout } = await run([], { token: made.body.token });
  assert.equal(status, 4, stdout);
  assert.match(stdout, /^FAIL {2}token +.*config:read/m);
  await world.admin("DELETE", `/admin/tokens/${made.body.id}`);
});

describe("the command line", () => {
  test("ends with 4 where the token is wrong or missing, and still says that the service answers", async () => {
    for (const token of ["lk_admin_wrong", null]) {
      const { status, stdout } = await run([], { token });
      assert.equal(status, 4, stdout);
      assert.match(stdout, /^ok {4}service/m);
      assert.match(stdout, /^FAIL {2}token/m);
      assert.match(stdout, /LATCHKEY_ADMIN_TOKEN/);
    }
  });

  test("ends with 3 where nothing answers, and says so", async () => {
    const { status, stdout } = await run([], { url: "http://127.0.0.1:9" });
    assert.equal(status, 3);
    assert.match(stdout, /^FAIL {2}service +http:\/\/127\.0\.0\.1:9 does not answer/m);
    const json = JSON.parse((await run(["--json"], { url: "http://127.0.0.1:9" })).stdout);
    assert.deepEqual([json.status, json.checks.length], ["fail", 1]);
  });
});

test("a service that is not configured says so, and the command line where to look", async () => {
  const broken = await openWorld({ secrets: { MASTER_KEY: "k1:short" } });
  const { status, stdout } = await run([], { url: broken.url.origin });
  await broken.stop();
  assert.equal(status, 3, stdout);
  assert.match(stdout, /^FAIL {2}service +.*HTTP 503.*not configured/m);
  assert.match(stdout, /config_error/);
});

test("what a D1 outage looks like to the command line", async () => {
  const dead = await openWorld({
    wrapper: `
      import worker from "./index.js";
      const DB = { prepare: () => DB, bind: () => DB, batch: async () => { throw new Error("away"); } };
      export default { fetch: (request, env, ctx) => worker.fetch(request, { ...env, DB }, ctx), scheduled: worker.scheduled };`,
  });
  const { status, stdout } = await run([], { url: dead.url.origin });
  await dead.stop();
  assert.equal(status, 3, stdout);
  assert.match(stdout, /^FAIL {2}d1 +does not work$/m);
});
