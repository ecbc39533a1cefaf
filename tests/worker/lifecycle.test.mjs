// Plans and the life of a licence, over HTTP and with scripts/latchkey, and what clients see of it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { latchkey } from "../cli/support.mjs";
import { assertProblem, freshMachine, openWorld } from "../support/world.mjs";

const dayMs = 86_400_000;

let world;
before(async () => {
  world = await openWorld({ vars: { LOG_LEVEL: "warn" } });
});
after(() => world.stop());

async function cli(args, status = 0) {
  const run = await latchkey([...args, "--json"], { url: world.url, token: world.secrets.ADMIN_TOKEN });
  assert.equal(run.status, status, `${args.join(" ")}: ${run.stdout}${run.stderr}`);
  return run.stdout.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
}
const provision = (code, machine_id = freshMachine(), delivery = "plain") =>
  world.provision({ license_id: code, machine_id, delivery });
const show = async (id) => (await world.admin("GET", `/admin/licenses/${id}`)).body;
const numRows = () =>
  world.number("SELECT (SELECT count(*) FROM audit_log) + 1000 * (SELECT sum(version) FROM licenses)");

describe("plans", () => {
  test("made with the CLI, in versions; licences keep theirs until they are moved", async () => {
    const [first] = await cli(["plan", "set", "studio", "--providers", "kimi,qwen", "--max-machines", "2", "--days", "30"]);
    assert.deepEqual([first.version, first.providers, first.license_days], [1, ["kimi", "qwen"], 30]);
    const license = await world.license({ plan: "studio" });
    assert.equal(Date.parse(license.expires_at) - Date.parse(license.created_at), 30 * dayMs);
    const [second] = await cli(["plan", "set", "studio", "--providers", "kimi", "--budget-daily", "2.50"]);
    assert.deepEqual([second.version, second.max_machines, second.budget.daily], [2, 2, "2.50"]);
    assert.equal((await cli(["plan", "set", "studio", "--providers", "kimi"]))[0].version, 2);
    assert.deepEqual((await cli(["plan", "show", "studio"])).map(({ version }) => version), [2, 1]);

    const machine = freshMachine();
    assert.deepEqual(Object.keys((await provision(license.code, machine)).body.keys), ["kimi", "qwen"]);
    const [moved] = await cli(["license", "change", license.id, "--plan", "studio"]);
    assert.deepEqual([moved.plan_version, moved.providers], [2, ["kimi"]]);
    assert.deepEqual(Object.keys((await provision(license.code, machine)).body.keys), ["kimi"]);
  });

  test("a retired one takes no new licence", async () => {
    await cli(["plan", "set", "old", "--days", "never"]);
    const license = await world.license({ plan: "old" });
    assert.equal(license.expires_at, null);
    const [retired] = await cli(["plan", "set", "old", "--retire"]);
    assert.ok(retired.retired_at);
    assertProblem(await world.admin("POST", "/admin/licenses", { plan: "old" }), 400, "invalid_request");
    assert.equal((await provision(license.code)).status, 200);
  });
});

describe("a licence's own terms", () => {
  test("bind at the next request, and go back to the plan's", async () => {
    const { id, code } = await world.license();
    const seated = [freshMachine(), freshMachine()];
    for (const machine of seated) assert.equal((await provision(code, machine)).status, 200);
    await cli(["license", "change", id, "--max-machines", "1", "--deliveries", "plain"]);
    for (const machine of seated) assert.equal((await provision(code, machine)).status, 200);
    assertProblem(await provision(code), 403, "machine_limit");
    assertProblem(await provision(code, seated[0], "fernet"), 403, "delivery_forbidden");
    await cli(["license", "change", id, "--expires-at", "2020-01-01"]);
    assert.equal((await show(id)).status, "expired");
    assertProblem(await provision(code, seated[0]), 401, "invalid_license");
    const [back] = await cli([
      "license", "change", id, "--expires-at", "plan", "--deliveries", "plan", "--max-machines", "plan",
    ]);
    assert.deepEqual([back.status, back.max_machines, back.overrides], ["active", 3, {}]);
    assert.equal((await provision(code)).status, 200);
    const [row] = await world.audit("license_id = ? AND action = 'license.changed'", id);
    const details = JSON.parse(row.details);
    assert.deepEqual([details.before.max_machines, details.after.max_machines], [3, 1]);
  });

  test("a dry run of every verb changes nothing", async () => {
    const { id, code } = await world.license();
    const machine = (await provision(code)).status === 200 && (await cli(["machine", "list", id]))[0].id;
    const rows = await numRows();
    assert.equal((await cli(["license", "revoke", id, "--dry-run"]))[0].status, "revoked");
    assert.equal((await cli(["license", "suspend", id, "--dry-run"]))[0].status, "suspended");
    assert.equal((await cli(["license", "change", id, "--max-machines", "9", "--dry-run"]))[0].max_machines, 9);
    assert.equal((await cli(["license", "reissue", id, "--dry-run"]))[0].code, undefined);
    assert.equal((await cli(["license", "create", "--count", "2", "--dry-run"])).length, 2);
    assert.equal((await cli(["plan", "set", "dry", "--dry-run"]))[0].version, 1);
    assert.equal((await world.admin("POST", `/admin/machines/${machine}/release?dry_run=1`, {})).status, 200);
    assert.equal(await numRows(), rows);
    assert.equal((await show(id)).machines_used, 1);
    assertProblem(await world.admin("POST", `/admin/licenses/${id}/revoke?dryrun=1`, {}), 400, "invalid_request");
    assert.equal((await provision(code)).status, 200);
  });
});

describe("expiry from first use", () => {
  test("is set by the first grant, told in that answer, and stays", async () => {
    await cli(["plan", "set", "trial", "--days", "5", "--expiry-from", "first_use"]);
    const { id, code, expires_at, first_use_days } = await world.license({ plan: "trial" });
    assert.deepEqual([expires_at, first_use_days], [null, 5]);
    const machine_id = freshMachine();
    const answer = await world.provision({ license_id: code, machine_id });
    assert.equal(answer.status, 200, answer.text);
    const shown = await show(id);
    assert.equal(answer.body.expires_at, shown.expires_at);
    assert.equal(answer.body.refresh_after, shown.expires_at);
    const left = Date.parse(shown.expires_at) - Date.now();
    assert.ok(left > 4.9 * dayMs && left <= 5 * dayMs, shown.expires_at);
    assert.ok(answer.body.notices.some(({ code: notice }) => notice === "license_ending"));
    assert.equal((await world.provision({ license_id: code, machine_id: freshMachine() })).status, 200);
    assert.equal((await show(id)).expires_at, shown.expires_at);
    assert.equal((await world.audit("license_id = ? AND action = 'license.started'", id)).length, 1);
    await world.db.prepare("UPDATE licenses SET expires_at = 1 WHERE id = ?").bind(id).run();
    assertProblem(await world.provision({ license_id: code, machine_id }), 401, "invalid_license");
  });
});

describe("history", () => {
  test("tells who did what and why, newest first, and no grant", async () => {
    const { id, code } = await world.license();
    await provision(code);
    await cli(["license", "suspend", id, "--reason", "unpaid"]);
    await cli(["license", "reinstate", id]);
    await cli(["license", "revoke", id, "--reason", "chargeback"]);
    const entries = await cli(["license", "history", id]);
    assert.deepEqual(
      entries.map(({ action, status, reason, actor }) => [action, status, reason, actor]),
      [
        ["license.revoked", "revoked", "chargeback", "admin:bootstrap"],
        ["license.reinstated", "active", null, "admin:bootstrap"],
        ["license.suspended", "suspended", "unpaid", "admin:bootstrap"],
        ["license.created", "active", null, "admin:bootstrap"],
      ],
    );
    const page = await world.admin("GET", `/admin/licenses/${id}/history?limit=3`);
    const cursor = encodeURIComponent(page.body.next_cursor);
    const rest = await world.admin("GET", `/admin/licenses/${id}/history?limit=3&cursor=${cursor}`);
    assert.deepEqual([page.body.data.length, rest.body.data.length, rest.body.next_cursor], [3, 1, null]);
    const other = await world.license();
    assertProblem(
      await world.admin("GET", `/admin/licenses/${other.id}/history?cursor=${cursor}`),
      400,
      "invalid_request",
    );
  });
});

describe("acts on all that a filter finds", () => {
  test("show the number first, then go through slices, and clients see it at once", async () => {
    await cli(["plan", "set", "fleet", "--days", "10"]);
    const { body } = await world.admin("POST", "/admin/licenses", { plan: "fleet", count: 450 });
    const used = body.licenses[0];
    assert.equal((await provision(used.code)).status, 200);
    const epoch = await world.number("SELECT epoch FROM state");
    const all = ["license", "suspend", "--all", "--plan", "fleet", "--status", "active", "--reason", "review"];
    assert.equal((await cli(all))[0].matched, 450);
    assert.equal((await provision(used.code)).status, 200);
    assert.deepEqual((await cli([...all, "--yes"]))[0], { matched: 450, changed: 450, skipped: 0 });
    assert.equal(await world.number("SELECT epoch FROM state"), epoch + 3);
    assertProblem(await provision(used.code), 401, "invalid_license");
    const rows = await world.number(
      "SELECT count(DISTINCT license_id) FROM audit_log WHERE action = 'license.suspended' AND reason = 'review'",
    );
    assert.equal(rows, 450);

    const act = { filter: { plan: "fleet" }, act: "reinstate", expected_count: 449 };
    assertProblem(await world.admin("POST", "/admin/licenses/bulk", act), 409, "conflict");
    await cli(["license", "reinstate", "--all", "--plan", "fleet", "--yes"]);
    assert.equal((await provision(used.code)).status, 200);
    const before = await show(used.id);
    await cli(["license", "extend", "--all", "--plan", "fleet", "--days", "7", "--yes"]);
    const later = await show(used.id);
    assert.equal(Date.parse(later.expires_at) - Date.parse(before.expires_at), 7 * dayMs);
    const [report] = await cli(["license", "replan", "pro", "--all", "--plan", "fleet", "--never-provisioned", "--yes"]);
    assert.deepEqual(report, { matched: 449, changed: 449, skipped: 0 });
    assert.equal((await show(used.id)).plan, "fleet");
    assert.equal((await show(body.licenses[1].id)).plan, "pro");
  });
});

describe("bad input of the new routes", () => {
  const plan = { providers: ["kimi"], deliveries: ["hpke"], max_machines: 1 };
  const routes = [
    ["PUT", "/admin/plans/bad", plan],
    ["PATCH", "/admin/licenses/lic_none", { max_machines: 1 }],
    ["POST", "/admin/licenses/bulk", { filter: {}, act: "revoke", expected_count: 0 }],
  ];
  for (const [method, path, good] of routes) {
    test(`${method} ${path} refuses each kind and stores nothing`, async () => {
      const rows = await numRows();
      const text = JSON.stringify(good);
      const cases = [
        ["", 400], ["{", 400], ["null", 400], ["[]", 400], ["42", 400], [`${text}x`, 400],
        [text.replace("{", '{"unknown":1,'), 400],
        [text.replace("{", '{"a":1,"a":2,'), 400],
        [text.replace("{", '{"a":"\\ud800",'), 400],
        [`{"a":${"[".repeat(100)}${"]".repeat(100)}}`, 400],
        [`{"pad":"${"x".repeat(17_000)}"}`, 413],
      ];
      for (const [body, status] of cases) {
        const answer = await world.admin(method, path, body, { "content-type": "application/json" });
        assert.equal(answer.status, status, `${body.slice(0, 60)}: ${answer.text}`);
      }
      assert.equal((await world.admin(method, path, text, { "content-type": "text/plain" })).status, 415);
      assertProblem(await world.send(method, path, good), 401, "unauthorized");
      assert.equal(await numRows(), rows + 1, "the row of the missing token alone");
      assert.equal(await world.number("SELECT count(*) FROM plans WHERE name = 'bad'"), 0);
    });
  }
});
