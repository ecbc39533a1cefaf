// What an admin does, over HTTP and with scripts/latchkey, and what clients see of it at their
// next request.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { latchkey } from "../cli/support.mjs";
import { makeDevice, openFernet, openHpke } from "../support/client.mjs";
import { assertProblem, freshAddress, freshMachine, openWorld, providers } from "../support/world.mjs";

let world;
let directory;
before(async () => {
  world = await openWorld({ vars: { LOG_LEVEL: "warn" } });
  directory = mkdtempSync(join(tmpdir(), "latchkey-admin-"));
});
after(async () => {
  await world.stop();
  rmSync(directory, { recursive: true, force: true });
});

// cli: runs scripts/latchkey against this world; gives what --json printed, line by line.
async function cli(args, { input, status = 0 } = {}) {
  const run = await latchkey([...args, "--json"], {
    url: world.url,
    token: world.secrets.ADMIN_TOKEN,
    input,
  });
  assert.equal(run.status, status, `${args.join(" ")}: ${run.stdout}${run.stderr}`);
  return run.stdout
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const provision = (code, machine_id = freshMachine()) =>
  world.provision({ license_id: code, machine_id, delivery: "plain" });
const show = async (id) => (await world.admin("GET", `/admin/licenses/${id}`)).body;
const actions = async (id) => (await world.audit("license_id = ?", id)).map(({ action }) => action);

describe("who may", () => {
  test("every admin route is 401 without a token and with a wrong one, whatever else is wrong", async () => {
    const { body } = await world.fetch("/openapi.json");
    let numRoutes = 0;
    for (const [path, operations] of Object.entries(body.paths)) {
      if (!path.startsWith("/admin/")) continue;
      for (const method of Object.keys(operations).map((name) => name.toUpperCase())) {
        numRoutes++;
        for (const headers of [
          {},
          { authorization: "Bearer wrong-token-0123456789" },
          { authorization: `Basic ${world.secrets.ADMIN_TOKEN}` },
        ]) {
          const answer = await world.send(
            method,
            path.replace(/\{\w+\}/, "lic_none"),
            method === "GET" ? undefined : "{",
            headers,
          );
          assertProblem(answer, 401, "unauthorized");
          assert.equal(answer.headers.get("www-authenticate"), "Bearer");
        }
      }
    }
    assert.ok(numRoutes >= 18, `${numRoutes} routes`);
  });

  test("a wrong token with the right one as prefix, or the reverse, is wrong", async () => {
    const token = world.secrets.ADMIN_TOKEN;
    for (const wrong of [`${token}x`, token.slice(0, -1), token.toUpperCase()]) {
      assertProblem(
        await world.send("GET", "/admin/config", undefined, { authorization: `Bearer ${wrong}` }),
        401,
        "unauthorized",
      );
    }
  });
});

describe("create", () => {
  test("one, with a generated code that works at once and is shown only then", async () => {
    const created = await world.license({ holder: { name: "Ada", email: "Ada@Example.com" }, note: "first" });
    assert.match(created.code, /^WF(-[0-9A-HJKMNP-TV-Z]{5})+$/);
    assert.match(created.id, /^lic_/);
    assert.deepEqual(
      [created.status, created.kind, created.plan, created.max_machines, created.machines_used, created.note],
      ["active", "generated", "pro", 3, 0, "first"],
    );
    assert.deepEqual(created.holder, { name: "Ada", email: "ada@example.com" });
    const yearMs = Date.parse(created.expires_at) - Date.parse(created.created_at);
    assert.equal(yearMs, 365 * 86_400_000);
    assert.equal((await provision(created.code)).status, 200);
    const shown = await show(created.id);
    assert.equal(shown.code, undefined);
    assert.ok(created.code.startsWith(shown.code_hint.replace(/[^\w-]+$/, "")));
    assert.equal(shown.machines_used, 1);
    assert.ok(shown.first_provision_at && shown.last_provision_at);
  });

  test("500 at once have codes that all differ; a simple code that exists is a conflict", async () => {
    const { body } = await world.admin("POST", "/admin/licenses", { count: 500 });
    assert.equal(new Set(body.licenses.map(({ code }) => code)).size, 500);
    assert.equal(new Set(body.licenses.map(({ id }) => id)).size, 500);
    assert.equal((await world.admin("POST", "/admin/licenses", { code: "WRITER-2024-ABC" })).status, 201);
    assertProblem(await world.admin("POST", "/admin/licenses", { code: "writer-2024-abc" }), 409, "conflict");
    assert.equal((await provision("writer-2024-abc")).status, 200);
  });

  test("refuses what it does not understand and names each field", async () => {
    for (const [body, location] of [
      [{ cuont: 2 }, "cuont"],
      [{ count: 0 }, "count"],
      [{ count: 501 }, "count"],
      [{ count: 2, code: "WRITER-1" }, "count"],
      [{ plan: "gold" }, "plan"],
      [{ max_machines: 0 }, "max_machines"],
      [{ expires_at: "tomorrow" }, "expires_at"],
      [{ expires_at: "2027-02-30" }, "expires_at"],
      [{ code: "WF-FAKED" }, "code"],
      [{ code: "a b" }, "code"],
      [{ holder: { email: "no address" } }, "holder.email"],
      [{ holder: { phone: "1" } }, "holder.phone"],
      [{ note: "x".repeat(501) }, "note"],
    ]) {
      const problem = assertProblem(
        await world.admin("POST", "/admin/licenses", body),
        400,
        "invalid_request",
      );
      assert.ok(
        problem.errors.some((error) => error.location === location),
        JSON.stringify(problem),
      );
    }
  });

  test("with the CLI prints an object a licence, whose code works", async () => {
    const created = await cli([
      "license",
      "create",
      "--count",
      "3",
      "--max-machines",
      "1",
      "--holder-email",
      "x@example.org",
    ]);
    assert.equal(created.length, 3);
    for (const { id, code } of created) {
      assert.match(id, /^lic_/);
      assert.equal((await provision(code)).status, 200);
      assertProblem(await provision(code), 403, "machine_limit");
    }
  });

  test("holder, code and machine are readable nowhere in the database", async () => {
    const machine = freshMachine();
    const { code } = await world.license({
      holder: { name: "Grace Hopper-Murray", email: "grace@navy.example" },
    });
    await provision(code, machine);
    const { results: tables } = await world.db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .all();
    for (const { name } of tables) {
      const text = JSON.stringify((await world.db.prepare(`SELECT * FROM "${name}"`).all()).results);
      for (const secret of [code, code.replaceAll("-", ""), machine, "Grace Hopper", "grace@navy"]) {
        assert.ok(!text.includes(secret), `${name} holds ${secret}`);
      }
    }
  });
});

describe("import", () => {
  test("thousands of lines of CSV with the CLI: good ones work, bad ones are listed by line", async () => {
    const lines = ["code,email,plan,expires_at,max_machines,holder_name,note"];
    for (let i = 1; i <= 3000; i++) {
      if (i === 700) lines.push("bad code!,,,,,,");
      else if (i === 1400) lines.push("IMPORT-1400,,gold,,,,");
      else if (i === 2100) lines.push("IMPORT-2100,,,soon,,,");
      else if (i === 2800) lines.push("IMPORT-1,,,,,,again");
      else if (i % 3 === 0) lines.push(`,reader${i}@example.com,pro,2030-01-31,2,"Reader, ${i}",`);
      else lines.push(`IMPORT-${i},,,,,,`);
    }
    const file = join(directory, "list.csv");
    const report = join(directory, "report.json");
    writeFileSync(file, `${lines.join("\n")}\n`);
    const before = await world.number("SELECT count(*) FROM licenses");
    const run = await latchkey(["license", "import", file, "--report", report, "--json"], {
      url: world.url,
      token: world.secrets.ADMIN_TOKEN,
    });
    assert.equal(run.status, 1, run.stderr);
    assert.equal(await world.number("SELECT count(*) FROM licenses"), before + 2996);
    const rows = readRows(report);
    const bad = rows
      .filter(({ status }) => status === "error")
      .map(({ line }) => line)
      .sort((a, b) => a - b);
    assert.deepEqual(bad, [701, 1401, 2101]); // Line 1 is the header.
    assert.deepEqual(
      rows.filter(({ status }) => status === "exists").map(({ line }) => line),
      [2801],
    );
    for (const code of ["IMPORT-1", "import-2999", "Reader3000@example.com"]) {
      assert.equal((await provision(code)).status, 200, code);
    }
    const [found] = (await world.admin("GET", `/admin/licenses?holder=${encodeURIComponent("Reader, 3000")}`))
      .body.data;
    assert.deepEqual(
      [found.max_machines, found.expires_at, found.kind],
      [2, "2030-01-31T00:00:00Z", "email"],
    );

    const again = await latchkey(["license", "import", file, "--json"], {
      url: world.url,
      token: world.secrets.ADMIN_TOKEN,
    });
    assert.equal(again.status, 1);
    assert.equal(
      await world.number("SELECT count(*) FROM licenses"),
      before + 2996,
      "an import may be repeated",
    );
  });

  test("a dry run says the same and changes nothing", async () => {
    const rows = [
      { line: 1, code: "DRY-RUN-1" },
      { line: 2, code: "DRY-RUN-1" },
      { line: 3, code: "no good" },
      { line: 4 },
    ];
    const before = [
      await world.number("SELECT count(*) FROM licenses"),
      await world.number("SELECT count(*) FROM audit_log"),
    ];
    const dry = await world.admin("POST", "/admin/licenses/import", { rows, dry_run: true });
    assert.equal(dry.status, 200, dry.text);
    assert.deepEqual(
      dry.body.rows.map(({ line, status }) => [line, status]),
      [
        [1, "created"],
        [2, "exists"],
        [3, "error"],
        [4, "created"],
      ],
    );
    const now = [
      await world.number("SELECT count(*) FROM licenses"),
      await world.number("SELECT count(*) FROM audit_log"),
    ];
    assert.deepEqual(now, before);
    const real = await world.admin("POST", "/admin/licenses/import", { rows });
    assert.deepEqual(
      real.body.rows.map(({ line, status }) => [line, status]),
      dry.body.rows.map(({ line, status }) => [line, status]),
    );
    assert.equal((await provision(real.body.rows[3].code)).status, 200);
  });

  test("writes one audit row for each licence", async () => {
    const { body, headers } = await world.admin("POST", "/admin/licenses/import", { rows: [{}, {}, {}] });
    const rows = await world.audit("request_id = ?", headers.get("x-request-id"));
    assert.deepEqual(
      rows.map(({ action }) => action),
      Array(3).fill("license.imported"),
    );
    assert.deepEqual(rows.map(({ license_id }) => license_id).sort(), body.rows.map(({ id }) => id).sort());
    assert.ok(rows.every(({ actor }) => actor === "admin:bootstrap"));
  });
});

function readRows(file) {
  const text = readFileSync(file, "utf8");
  try {
    const whole = JSON.parse(text);
    return Array.isArray(whole) ? whole : whole.rows;
  } catch {
    return text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  }
}

describe("list", () => {
  const ids = (rows) => rows.map(({ id }) => id);

  test("filters by status, plan, use and holder", async () => {
    const used = await world.license({ holder: { name: "List Filter" } });
    await provision(used.code);
    const unused = await world.license({ holder: { name: "List Filter" } });
    const expired = await world.license({ holder: { name: "List Filter" }, expires_at: "2021-01-01" });
    const suspended = await world.license({ holder: { name: "List Filter" } });
    await world.admin("POST", `/admin/licenses/${suspended.id}/suspend`, { reason: "unpaid" });
    const list = async (query) => {
      const answer = await world.admin("GET", `/admin/licenses?limit=500&holder=List+Filter&${query}`);
      assert.equal(answer.status, 200, answer.text);
      return ids(answer.body.data).sort();
    };
    assert.deepEqual(await list(""), ids([used, unused, expired, suspended]).sort());
    assert.deepEqual(await list("status=active"), ids([used, unused]).sort());
    assert.deepEqual(await list("status=expired"), [expired.id]);
    assert.deepEqual(await list("status=suspended"), [suspended.id]);
    assert.deepEqual(await list("status=revoked"), []);
    assert.deepEqual(await list("never_provisioned=1&status=active"), [unused.id]);
    assert.deepEqual(await list("plan=pro&status=suspended"), [suspended.id]);
    assert.deepEqual(await list("plan=gold"), []);
    const everywhere = (await world.admin("GET", "/admin/licenses?status=suspended&limit=500")).body.data;
    assert.ok(
      ids(everywhere).includes(suspended.id) && everywhere.every(({ status }) => status === "suspended"),
    );
  });

  test("pages through all, each once, though more come in between", async () => {
    const seen = [];
    let cursor = "";
    do {
      const { body } = await world.admin("GET", `/admin/licenses?limit=300${cursor}`);
      seen.push(...ids(body.data));
      cursor = body.next_cursor && `&cursor=${encodeURIComponent(body.next_cursor)}`;
      await world.license();
    } while (cursor);
    assert.equal(new Set(seen).size, seen.length);
    assert.ok(seen.length >= 3000);
  });

  test("refuses a cursor of another filter, a changed one and an unknown filter", async () => {
    const { body } = await world.admin("GET", "/admin/licenses?limit=1");
    const cursor = encodeURIComponent(body.next_cursor);
    for (const query of [
      `limit=1&status=active&cursor=${cursor}`,
      "cursor=abc",
      "stauts=active",
      "limit=0",
      "limit=501",
      "limit=x",
      "status=lost",
    ]) {
      assertProblem(await world.admin("GET", `/admin/licenses?${query}`), 400, "invalid_request");
    }
  });

  test("with the CLI", async () => {
    const { id } = await world.license({ holder: { name: "CLI Lister" } });
    assert.deepEqual(ids(await cli(["license", "list", "--holder", "CLI Lister", "--never-provisioned"])), [
      id,
    ]);
    assert.equal((await cli(["license", "list", "--limit", "5"])).length, 5);
    assert.equal((await cli(["license", "show", id]))[0].id, id);
  });
});

describe("a licence's state", () => {
  test("revoked: refused at the next request, for good", async () => {
    const { id, code } = await world.license();
    const machine = freshMachine();
    assert.equal((await provision(code, machine)).status, 200);
    const [revoked] = await cli(["license", "revoke", id, "--reason", "refund"]);
    assert.deepEqual([revoked.status, revoked.status_reason], ["revoked", "refund"]);
    assertProblem(await provision(code, machine), 401, "invalid_license");
    assertProblem(await world.status({ license_id: code, machine_id: machine }), 401, "invalid_license");
    assert.equal((await world.admin("POST", `/admin/licenses/${id}/revoke`, {})).status, 200);
    assertProblem(await world.admin("POST", `/admin/licenses/${id}/reinstate`, {}), 409, "conflict");
    assertProblem(await provision(code, machine), 401, "invalid_license");
    assert.ok((await actions(id)).includes("license.revoked"));
  });

  test("suspended: refused at the next request, until reinstated", async () => {
    const { id, code } = await world.license();
    const machine = freshMachine();
    await cli(["license", "suspend", id]);
    assertProblem(await provision(code, machine), 401, "invalid_license");
    await cli(["license", "reinstate", id]);
    assert.equal((await provision(code, machine)).status, 200);
    const acts = (await actions(id)).filter((action) => action.startsWith("license."));
    assert.deepEqual(acts, ["license.created", "license.suspended", "license.reinstated"]);
  });

  test("reissued: the new code has the old seats and history, the old code is worth nothing", async () => {
    const { id, code } = await world.license({ max_machines: 1 });
    const machine = freshMachine();
    await provision(code, machine);
    const { body } = await world.admin("POST", `/admin/licenses/${id}/reissue`, {});
    assert.notEqual(body.code, code);
    assert.deepEqual([body.license.id, body.license.machines_used], [id, 1]);
    assertProblem(await provision(code, machine), 401, "invalid_license");
    assert.equal((await provision(body.code, machine)).status, 200);
    assertProblem(await provision(body.code), 403, "machine_limit");
    const [again] = await cli(["license", "reissue", id, "--code", "REISSUED-BY-CLI"]);
    assert.equal(again.code, "REISSUED-BY-CLI");
    assert.equal((await provision("reissued-by-cli", machine)).status, 200);
    assertProblem(await provision(body.code, machine), 401, "invalid_license");
  });

  test("nobody's id is 404 on every route that takes one", async () => {
    for (const [method, path] of [
      ["GET", "/admin/licenses/lic_none"],
      ["GET", "/admin/licenses/lic_none/machines"],
      ...["revoke", "suspend", "reinstate", "reissue"].map((act) => [
        "POST",
        `/admin/licenses/lic_none/${act}`,
      ]),
      ["POST", "/admin/machines/mch_none/release"],
      ["PUT", "/admin/providers/openai"],
    ]) {
      assertProblem(
        await world.admin(
          method,
          path,
          method === "GET" ? undefined : method === "PUT" ? { api_key: "sk-12345678" } : {},
        ),
        404,
        "not_found",
      );
    }
  });
});

test("a released machine frees its seat, and is the same machine when it comes back", async () => {
  const { id, code } = await world.license({ max_machines: 1 });
  const [first, second] = [freshMachine(), freshMachine()];
  await world.provision({ license_id: code, machine_id: first, delivery: "plain", app_version: "1.0" });
  assertProblem(await provision(code, second), 403, "machine_limit");
  const [machine] = await cli(["machine", "list", id]);
  assert.match(machine.id, /^mch_/);
  assert.deepEqual([machine.license_id, machine.app_version, machine.released_at], [id, "1.0", null]);
  const [released] = await cli(["machine", "release", machine.id]);
  assert.ok(released.released_at);
  assert.equal((await world.admin("POST", `/admin/machines/${machine.id}/release`, {})).status, 200);
  assert.equal((await provision(code, second)).status, 200);
  assertProblem(await provision(code, first), 403, "machine_limit");
  const seats = await cli(["machine", "list", id]);
  const holder = seats.find(({ released_at }) => released_at === null);
  await cli(["machine", "release", holder.id]);
  assert.equal((await provision(code, first)).status, 200);
  const back = (await cli(["machine", "list", id])).filter(({ released_at }) => released_at === null);
  assert.deepEqual(
    back.map((seat) => seat.id),
    [machine.id],
  );
  assert.ok((await actions(id)).includes("machine.released"));
});

describe("provider keys", () => {
  test("set from standard input: the next provision of every delivery has the new key", async () => {
    const { code } = await world.license();
    const first = (await provision(code, "m")).body;
    const [set] = await cli(["provider", "set", "deepseek"], { input: "sk-deepseek-from-stdin\n" });
    assert.deepEqual([set.provider, set.source], ["deepseek", "stored"]);
    const second = (await provision(code, "m")).body;
    assert.equal(second.keys.deepseek.api_key, "sk-deepseek-from-stdin");
    assert.equal(second.key_versions.deepseek, set.version);
    assert.ok(second.key_versions.deepseek > first.key_versions.deepseek);
    assert.equal(second.keys.kimi.api_key, first.keys.kimi.api_key);
    const fernet = (await world.provision({ license_id: code, machine_id: "m" })).body;
    assert.equal(openFernet(fernet.keys, "m").deepseek, "sk-deepseek-from-stdin");
    const device = await makeDevice();
    const hpke = (
      await world.provision({ license_id: code, machine_id: "m", client_public_key: device.publicKey })
    ).body;
    assert.equal((await openHpke(hpke, device)).deepseek, "sk-deepseek-from-stdin");
    await cli(["provider", "set", "deepseek"], { input: "sk-deepseek-once-more" });
    const third = (await provision(code, "m")).body;
    assert.equal(third.keys.deepseek.api_key, "sk-deepseek-once-more");
    assert.equal(third.key_versions.deepseek, set.version + 1);
  });

  test("a key is never taken from an argument, and never shown", async () => {
    const run = await latchkey(["provider", "set", "qwen", "sk-qwen-as-argument"], {
      url: world.url,
      token: world.secrets.ADMIN_TOKEN,
    });
    assert.equal(run.status, 2);
    assert.ok(!`${run.stdout}${run.stderr}`.includes("sk-qwen-as-argument"));
    await cli(["provider", "set", "qwen"], { input: "sk-qwen-stored-key" });
    const listed = await cli(["provider", "list"]);
    assert.deepEqual(listed.map(({ provider }) => provider).sort(), providers);
    assert.equal(listed.find(({ provider }) => provider === "qwen").source, "stored");
    assert.equal(listed.find(({ provider }) => provider === "yandex").source, "secret");
    const text = JSON.stringify(listed);
    for (const key of [...Object.values(world.providerKeys), "sk-qwen-stored-key"])
      assert.ok(!text.includes(key));
    assert.equal(await world.number("SELECT count(*) FROM provider_keys WHERE sealed LIKE '%sk-qwen%'"), 0);
    assert.equal(await world.number("SELECT count(*) FROM audit_log WHERE details LIKE '%sk-qwen%'"), 0);
  });

  test("set concurrently: every one gets a version of its own and one is current", async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        world.admin("PUT", "/admin/providers/zhipu", { api_key: `sk-zhipu-race-${i}` }),
      ),
    );
    const done = answers.filter(({ status }) => status === 200);
    for (const answer of answers) assert.ok([200, 409, 503].includes(answer.status), answer.text);
    assert.ok(done.length > 0);
    assert.equal(new Set(done.map(({ body }) => body.version)).size, done.length);
    const { code } = await world.license();
    const { body } = await provision(code);
    const newest = done.reduce((a, b) => (a.body.version > b.body.version ? a : b));
    assert.equal(body.key_versions.zhipu, newest.body.version);
    assert.equal(body.keys.zhipu.api_key, `sk-zhipu-race-${answers.indexOf(newest)}`);
    assert.equal(
      await world.number(
        "SELECT count(*) FROM provider_keys WHERE provider = 'zhipu' AND state = 'published'",
      ),
      1,
    );
  });
});

test("config shows every setting with value, default and source, and no secret", async () => {
  const rows = await cli(["config"]);
  const byName = Object.fromEntries(rows.map((row) => [row.name, row]));
  for (const name of ["ADMIN_TOKEN", "MASTER_KEY", "INDEX_KEY", "SIGNING_KEY", "DEEPSEEK_API_KEY"]) {
    assert.deepEqual(
      [byName[name].kind, byName[name].value, byName[name].source],
      ["secret", null, "environment"],
    );
  }
  assert.deepEqual(
    [byName.RATE_LIMIT_IP_PER_HOUR.value, byName.RATE_LIMIT_IP_PER_HOUR.default],
    ["100", "100"],
  );
  assert.equal(byName.AUDIT_RETENTION_DAYS.source, "default");
  for (const row of rows) assert.ok(row.description.length > 10);
  const human = await latchkey(["config"], { url: world.url, token: world.secrets.ADMIN_TOKEN });
  for (const secret of Object.values(world.secrets)) {
    assert.ok(!JSON.stringify(rows).includes(secret) && !human.stdout.includes(secret));
  }
});

test("every admin act leaves one audit row with who, what and from where", async () => {
  const { id } = await world.license();
  const headers = { "cf-connecting-ip": freshAddress(), "user-agent": "admin-test/1" };
  const answer = await world.admin("POST", `/admin/licenses/${id}/suspend`, { reason: "unpaid" }, headers);
  const rows = await world.audit("request_id = ?", answer.headers.get("x-request-id"));
  assert.equal(rows.length, 1);
  const [row] = rows;
  assert.deepEqual(
    [row.action, row.outcome, row.actor, row.license_id, row.user_agent],
    ["license.suspended", "done", "admin:bootstrap", id, "admin-test/1"],
  );
  assert.match(row.address_hash, /^[\w-]{43}$/);
});
