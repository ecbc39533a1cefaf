// Who may act as an admin, over HTTP: named tokens and their scopes, the switch of the bootstrap
// token, requests that are sent twice, and acts on a licence that somebody else changed.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isAdminToken } from "../../scripts/lib/token.mjs";
import { latchkey } from "../cli/support.mjs";
import { assertProblem, freshAddress, openWorld } from "../support/world.mjs";

let world;
let operations; // Every admin operation: {method, path, scope}.
let scopes;
before(async () => {
  world = await openWorld({ vars: { LOG_LEVEL: "warn" } });
  const { body } = await world.fetch("/openapi.json");
  operations = Object.entries(body.paths)
    .filter(([path]) => path.startsWith("/admin/"))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security }]) => ({
        method: method.toUpperCase(),
        path: path.replace(/\{\w+\}/, "nobody"),
        scope: security[0].admin[0],
      })),
    )
    // What asks for no scope takes every token: tests/worker/queries.test.mjs.
    .filter(({ scope }) => scope !== undefined);
  scopes = [...new Set(operations.map(({ scope }) => scope))];
});
after(() => world.stop());

let numNames = 0;

// make: a new token: {id, name, token, ...}.
async function make(terms = {}) {
  numNames++;
  const { status, body, text } = await world.admin("POST", "/admin/tokens", {
    name: `token-${numNames}`,
    scopes: ["*"],
    ...terms,
  });
  assert.equal(status, 201, text);
  return body;
}

const as = (token, method, path, body, headers = {}) =>
  world.send(method, path, body, { authorization: `Bearer ${token}`, ...headers });
const bodyFor = (method) => (["GET", "DELETE"].includes(method) ? undefined : {});

async function denials(answer) {
  const rows = await world.audit("request_id = ?", answer.headers.get("x-request-id"));
  return rows.map(({ action, outcome, reason, actor, details }) => ({ action, outcome, reason, actor, details }));
}

describe("scopes", () => {
  test("every admin route takes a token with its scope, and refuses one with all others by its name", async () => {
    assert.ok(operations.length >= 18 && scopes.length >= 6, scopes.join());
    const only = {};
    const but = {};
    for (const scope of scopes) {
      only[scope] = await make({ scopes: [scope] });
      but[scope] = await make({ scopes: scopes.filter((other) => other !== scope) });
    }
    for (const { method, path, scope } of operations) {
      const refused = await as(but[scope].token, method, path, bodyFor(method));
      const problem = assertProblem(refused, 403, "forbidden");
      assert.ok(problem.message.includes(scope), `${method} ${path}: ${problem.message}`);
      assert.deepEqual(await denials(refused), [
        {
          action: "admin.denied",
          outcome: "denied",
          reason: "wrong_scope",
          actor: `admin:${but[scope].name}`,
          details: JSON.stringify({ scope }),
        },
      ]);
      const taken = await as(only[scope].token, method, path, bodyFor(method));
      assert.ok(![401, 403, 503].includes(taken.status), `${method} ${path}: ${taken.text}`);
    }
  });

  test("every admin route refuses a token that has expired or was revoked, as if there were none", async () => {
    const expired = await make({ expires_at: new Date(Date.now() + 3_600_000).toISOString() });
    await world.db.prepare("UPDATE admin_tokens SET expires_at = 1 WHERE id = ?").bind(expired.id).run();
    const revoked = await make();
    assert.equal((await as(revoked.token, "GET", "/admin/config")).status, 200);
    assert.equal((await world.admin("DELETE", `/admin/tokens/${revoked.id}`)).body.status, "revoked");
    const unknown = await as("wrong-token-0123456789", "GET", "/admin/config");
    for (const [{ token, name }, reason] of [
      [expired, "token_expired"],
      [revoked, "token_revoked"],
    ]) {
      for (const { method, path } of operations) {
        const answer = await as(token, method, path, bodyFor(method));
        const { message } = assertProblem(answer, 401, "unauthorized");
        assert.equal(message, unknown.body.message);
        assert.equal(answer.headers.get("www-authenticate"), "Bearer");
        const [row] = await denials(answer);
        assert.deepEqual([row.reason, row.actor], [reason, `admin:${name}`]);
      }
    }
  });

  test("what a token did stands in the audit log under its name", async () => {
    const { token, name } = await make({ scopes: ["licenses:write"] });
    const created = await as(token, "POST", "/admin/licenses", {});
    const [row] = await world.audit("license_id = ?", created.body.licenses[0].id);
    assert.equal(row.actor, `admin:${name}`);
  });
});

describe("tokens", () => {
  test("have the documented form, are shown once and kept as a hash", async () => {
    const made = await make({ scopes: ["licenses:read", "config:read"] });
    assert.ok(isAdminToken(made.token), made.token);
    assert.deepEqual(made.scopes, ["config:read", "licenses:read"]);
    assert.ok(made.token.startsWith(made.hint.replace(/\.+$/, "")));
    const list = await world.admin("GET", "/admin/tokens?limit=500");
    const shown = list.body.data.find(({ id }) => id === made.id);
    const { token, ...rest } = made;
    assert.deepEqual(shown, rest);
    assert.ok(!list.text.includes(token));
    const row = await world.db.prepare("SELECT * FROM admin_tokens WHERE id = ?").bind(made.id).first();
    assert.ok(!JSON.stringify(row).includes(token.slice(13)));
    const [audit] = await world.audit("action = 'token.created' AND details LIKE ?", `%${made.id}%`);
    assert.ok(!JSON.stringify(audit).includes(token.slice(13)));
    assert.equal(audit.actor, "admin:bootstrap");
  });

  test("with one character mistyped are refused, and guesses are throttled while a right one works", async () => {
    const { token } = await make({ scopes: ["config:read"] });
    const address = { "cf-connecting-ip": freshAddress() };
    const typo = token.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    assert.ok(!isAdminToken(typo));
    for (let i = 0; i < 20; i++) {
      assertProblem(await as(typo, "GET", "/admin/config", undefined, address), 401, "unauthorized");
    }
    assertProblem(await as(typo, "GET", "/admin/config", undefined, address), 429, "rate_limited");
    assert.equal((await as(token, "GET", "/admin/config", undefined, address)).status, 200);
  });

  test("give no scope that their maker lacks", async () => {
    const { token } = await make({ scopes: ["tokens:write", "licenses:read"] });
    for (const asked of [["*"], ["providers:write"], ["licenses:read", "licenses:write"]]) {
      assertProblem(await as(token, "POST", "/admin/tokens", { name: "more", scopes: asked }), 403, "forbidden");
    }
    const less = await as(token, "POST", "/admin/tokens", { name: "less", scopes: ["licenses:read"] });
    assert.equal(less.status, 201, less.text);
  });

  test("write their use down", async () => {
    const { id, token } = await make();
    await as(token, "GET", "/admin/config");
    const used = () => world.number("SELECT last_used_at FROM admin_tokens WHERE id = ?", id);
    const first = await used();
    assert.ok(Math.abs(Date.now() - first) < 60_000);
    await as(token, "GET", "/admin/config");
    assert.equal(await used(), first);
    await world.db.prepare("UPDATE admin_tokens SET last_used_at = 5 WHERE id = ?").bind(id).run();
    await as(token, "GET", "/admin/config");
    assert.ok((await used()) >= first);
  });
});

test("the bootstrap token is off and on as the command line says, and nobody is locked out", async () => {
  const own = await openWorld({ vars: { LOG_LEVEL: "warn" } });
  try {
    const cli = async (token, ...args) => {
      const run = await latchkey([...args, "--json"], { url: own.url, token });
      return { ...run, lines: run.stdout.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line)) };
    };
    const bootstrap = own.secrets.ADMIN_TOKEN;
    const early = await cli(bootstrap, "token", "bootstrap", "off");
    assert.equal(early.status, 1);
    assert.match(early.stderr, /tokens:write/);
    const scoped = ["--scope", "tokens:write", "--scope", "tokens:read", "--expires", "90d"];
    const made = (await cli(bootstrap, "token", "create", "manager", ...scoped)).lines[0];
    assert.deepEqual(made.scopes, ["tokens:read", "tokens:write"]);
    assert.ok(Math.abs(Date.parse(made.expires_at) - Date.now() - 90 * 86_400_000) < 120_000);
    assert.deepEqual((await cli(bootstrap, "token", "bootstrap", "off")).lines, [{ enabled: false }]);
    assert.equal((await cli(bootstrap, "token", "list")).status, 4);
    const [denied] = await own.audit("action = 'admin.denied'");
    assert.deepEqual([denied.actor, denied.reason], ["admin:bootstrap", "bootstrap_off"]);

    const last = await cli(made.token, "token", "revoke", made.id);
    assert.equal(last.status, 1);
    assert.match(last.stderr, /conflict/);
    const list = await cli(made.token, "token", "list");
    assert.deepEqual(list.lines.map(({ name, status }) => [name, status]), [["manager", "active"]]);
    assert.deepEqual((await cli(made.token, "token", "bootstrap", "on")).lines, [{ enabled: true }]);
    assert.equal((await cli(bootstrap, "token", "revoke", made.id)).lines[0].status, "revoked");
    assert.equal((await cli(made.token, "token", "list")).status, 4);
    const acts = await own.audit("action LIKE 'token.%' OR action LIKE 'bootstrap.%'");
    assert.deepEqual(
      acts.map(({ action, actor }) => `${action} ${actor}`),
      [
        "token.created admin:bootstrap",
        "bootstrap.off admin:bootstrap",
        "bootstrap.on admin:manager",
        "token.revoked admin:bootstrap",
      ],
    );
  } finally {
    await own.stop();
  }
});

describe("Idempotency-Key", () => {
  let numKeys = 0;
  const freshKey = () => ({ "idempotency-key": `key ${++numKeys}` });
  const create = (headers, body = {}) => world.admin("POST", "/admin/licenses", body, headers);
  const numLicenses = () => world.number("SELECT count(*) FROM licenses");

  test("gives the same answer again, code and all, and runs once", async () => {
    const before = await numLicenses();
    const key = freshKey();
    const first = await create(key, { count: 3 });
    assert.equal(first.status, 201, first.text);
    assert.equal(first.headers.get("idempotent-replayed"), null);
    const again = await create(key, { count: 3 });
    assert.equal(again.status, 201);
    assert.equal(again.text, first.text);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.equal(again.headers.get("content-type"), "application/json");
    assert.equal(await numLicenses(), before + 3);
    const [{ code }] = first.body.licenses;
    const { results } = await world.db.prepare("SELECT * FROM idempotency_keys").all();
    assert.ok(results.length > 0);
    assert.ok(!JSON.stringify(results).includes(code));
    assert.ok(!JSON.stringify(results).includes("key "));
  });

  test("with another body or on another route is 422", async () => {
    const key = freshKey();
    await create(key);
    const before = await numLicenses();
    assertProblem(await create(key, { count: 2 }), 422, "idempotency_key_reused");
    const other = await world.admin("POST", "/admin/licenses/import", {}, key);
    assertProblem(other, 422, "idempotency_key_reused");
    assert.equal(await numLicenses(), before);
  });

  test("of two requests at once runs one; the other is told to wait or gets its answer", async () => {
    const before = await numLicenses();
    const rounds = 10;
    for (let i = 0; i < rounds; i++) {
      const key = freshKey();
      const answers = await Promise.all([create(key), create(key), create(key)]);
      const good = answers.filter(({ status }) => status === 201);
      assert.ok(good.length >= 1);
      for (const { text } of good) assert.equal(text, good[0].text);
      for (const answer of answers.filter(({ status }) => status !== 201)) {
        assert.equal(answer.status, 409, answer.text);
        assert.equal(answer.headers.get("retry-after"), "1");
        assert.equal(answer.body.retryable, true);
      }
      assert.equal((await create(key)).text, good[0].text);
    }
    assert.equal(await numLicenses(), before + rounds);
  });

  test("of a request that died is taken over after a minute", async () => {
    const key = freshKey();
    await create(key);
    const age = (ms) =>
      world.db
        .prepare(
          "UPDATE idempotency_keys SET state = 'in_flight', answer = NULL, reserved_at = CAST(? AS INTEGER) " +
            "WHERE created_at = (SELECT max(created_at) FROM idempotency_keys)",
        )
        .bind(Date.now() - ms)
        .run();
    await age(50_000);
    const wait = await create(key);
    assert.equal(wait.status, 409, wait.text);
    await age(60_000);
    assert.equal((await create(key)).status, 201);
  });

  test("that is malformed is 400, and elsewhere than on an admin POST it means nothing", async () => {
    for (const key of ["x".repeat(65), "", "ä"]) {
      assertProblem(await create({ "idempotency-key": key }), 400, "invalid_request");
    }
    const key = freshKey();
    const before = await world.number("SELECT count(*) FROM idempotency_keys");
    await world.admin("GET", "/admin/licenses", undefined, key);
    await world.admin("PUT", "/admin/providers/kimi", { api_key: "sk-kimi-for-access" }, key);
    await world.provision({ license_id: "NONE-SUCH", machine_id: "m" }, key);
    assert.equal(await world.number("SELECT count(*) FROM idempotency_keys"), before);
  });

  test("is forgotten after a day", async () => {
    await world.db.prepare("UPDATE idempotency_keys SET created_at = created_at - 86400000").run();
    await world.sync();
    assert.equal(await world.number("SELECT count(*) FROM idempotency_keys"), 0);
  });

  test("shows a new token again to its maker only", async () => {
    const key = freshKey();
    const terms = { name: "by-key", scopes: ["config:read"] };
    const first = await world.admin("POST", "/admin/tokens", terms, key);
    assert.equal((await world.admin("POST", "/admin/tokens", terms, key)).body.token, first.body.token);
    const { token } = await make();
    assertProblem(await as(token, "POST", "/admin/tokens", terms, key), 409, "conflict");
  });
});

describe("If-Match", () => {
  test("a licence has its version as entity tag, and If-None-Match spares its body", async () => {
    const { id } = await world.license();
    const shown = await world.admin("GET", `/admin/licenses/${id}`);
    const tag = `"${shown.body.version}"`;
    assert.equal(shown.headers.get("etag"), tag);
    const same = await world.admin("GET", `/admin/licenses/${id}`, undefined, { "if-none-match": tag });
    assert.deepEqual([same.status, same.text, same.headers.get("etag")], [304, "", tag]);
    const other = await world.admin("GET", `/admin/licenses/${id}`, undefined, { "if-none-match": '"99"' });
    assert.equal(other.status, 200);
    const bad = await world.admin("GET", `/admin/licenses/${id}`, undefined, { "if-none-match": "99" });
    assertProblem(bad, 400, "invalid_request");
  });

  test("a stale tag is 412 on every act and nothing changes; the right one and * go through", async () => {
    for (const act of ["suspend", "reinstate", "reissue", "revoke"]) {
      const { id, version } = await world.license();
      const path = `/admin/licenses/${id}/${act}`;
      const suspended = await world.admin("POST", `/admin/licenses/${id}/suspend`, {}, {
        "if-match": `"${version}"`,
      });
      assert.equal(suspended.headers.get("etag"), `"${suspended.body.version}"`);
      const state = () => world.db.prepare("SELECT * FROM licenses WHERE id = ?").bind(id).first();
      const before = await state();
      const audits = (await world.audit("license_id = ?", id)).length;
      const stale = await world.admin("POST", path, {}, { "if-match": `"${version}"` });
      assertProblem(stale, 412, "precondition_failed");
      const bad = await world.admin("POST", path, {}, { "if-match": "2" });
      assertProblem(bad, 400, "invalid_request");
      assert.deepEqual(await state(), before);
      assert.equal((await world.audit("license_id = ?", id)).length, audits);
      const right = await world.admin("POST", path, {}, { "if-match": `"1", W/"${suspended.body.version}"` });
      assert.equal(right.status, 200, right.text);
      assert.equal((await world.admin("POST", path, {}, { "if-match": "*" })).status, 200);
    }
  });

  test("a revision too", async () => {
    const { id, version } = await world.license();
    const revise = (note, tag) => world.admin("PATCH", `/admin/licenses/${id}`, { note }, { "if-match": tag });
    const first = await revise("mine", `"${version}"`);
    assert.equal(first.headers.get("etag"), `"${first.body.version}"`);
    assertProblem(await revise("theirs", `"${version}"`), 412, "precondition_failed");
    const both = await Promise.all([revise("a", `"${first.body.version}"`), revise("b", `"${first.body.version}"`)]);
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412]);
  });

  test("of two acts at once on the version that both saw, one is 412", async () => {
    for (let i = 0; i < 5; i++) {
      const { id, version } = await world.license();
      const act = () =>
        world.admin("POST", `/admin/licenses/${id}/reissue`, {}, { "if-match": `"${version}"` });
      const statuses = (await Promise.all([act(), act()])).map(({ status }) => status).sort();
      assert.deepEqual(statuses, [200, 412]);
    }
  });
});
