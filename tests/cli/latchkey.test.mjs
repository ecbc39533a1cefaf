// The command line keeps its promises: what it sends, prints and exits with.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { AdminServer, latchkey, temporaryDirectory, TOKEN } from "./support.mjs";
import { rootPath } from "../../scripts/lib/paths.mjs";

const VERBS = [
  "alert list",
  "alert show",
  "alert ack",
  "alert snooze",
  "alert resolve",
  "alert rules",
  "alert rule",
  "audit list",
  "audit export",
  "audit verify",
  "audit checkpoint",
  "audit proof",
  "backup",
  "backup verify",
  "backup keygen",
  "restore",
  "license create",
  "license list",
  "license show",
  "license revoke",
  "license suspend",
  "license reinstate",
  "license reissue",
  "license import",
  "license change",
  "license history",
  "license extend",
  "license replan",
  "license anomaly",
  "machine list",
  "machine show",
  "machine rename",
  "machine release",
  "master status",
  "master rewrap",
  "payment list",
  "payment show",
  "payment redeliver",
  "payment retry",
  "payment reconcile",
  "plan list",
  "plan show",
  "plan set",
  "price list",
  "price show",
  "price versions",
  "price export",
  "price set",
  "price import",
  "price unpriced",
  "price reprice",
  "provider list",
  "provider set",
  "query list",
  "query run",
  "rotation start",
  "rotation list",
  "rotation show",
  "rotation verify",
  "rotation publish",
  "rotation cancel",
  "rotation retire",
  "sharing list",
  "sharing show",
  "sharing clear",
  "token create",
  "token list",
  "token revoke",
  "token bootstrap",
  "usage show",
  "usage plans",
  "usage top",
  "usage license",
  "usage export",
  "webhook create",
  "webhook list",
  "webhook show",
  "webhook update",
  "webhook delete",
  "webhook test",
  "webhook rotate-secret",
  "webhook deliveries",
  "webhook redeliver",
  "whoami",
  "config",
  "status",
  "doctor",
  "completion",
];

function jsonLines(text) {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("license create --json prints one object with id and code, and the hint goes to stderr", async (t) => {
  const server = await AdminServer.start(t);
  const args = [
    "license",
    "create",
    "--plan",
    "pro",
    "--max-machines",
    "5",
    "--holder-name",
    "Ann",
    "--expires-at",
    "never",
    "--json",
  ];
  const { status, stdout, stderr } = await latchkey(args, server);
  assert.equal(status, 0, stderr);
  const license = JSON.parse(stdout);
  assert.match(license.id, /^lic_/);
  assert.match(license.code, /^WF-/);
  assert.match(stderr, /shown once/);
  assert.deepEqual(JSON.parse(server.requests[0].text), {
    plan: "pro",
    expires_at: null,
    max_machines: 5,
    holder: { name: "Ann" },
    count: 1,
  });
});

test("license create --count makes more than one request may, and prints one object a line", async (t) => {
  const server = await AdminServer.start(t);
  const { status, stdout } = await latchkey(["license", "create", "--count", "1200", "--json"], server);
  assert.equal(status, 0);
  assert.equal(new Set(jsonLines(stdout).map(({ id }) => id)).size, 1200);
  assert.deepEqual(
    server.requests.map(({ text }) => JSON.parse(text).count),
    [500, 500, 200],
  );
});

test("license create shows codes to people in a table and of one licence as a list", async (t) => {
  const server = await AdminServer.start(t);
  const one = await latchkey(["license", "create", "--code", "WRITER-2024-ABC"], server);
  assert.match(one.stdout, /^code +WRITER-2024-ABC$/m);
  const two = await latchkey(["license", "create", "--count", "2"], server);
  const lines = two.stdout.trimEnd().split("\n");
  assert.match(lines[0], /^ID +CODE +PLAN +EXPIRES \(UTC\)$/);
  assert.equal(lines.length, 3);
  assert.equal(lines[1].indexOf("WF-"), lines[0].indexOf("CODE"));
  assert.match(lines[1], /2027-11-21 07:50$/);
});

test("license list follows cursors to the end, and stops at --limit", async (t) => {
  const server = await AdminServer.start(t);
  for (let i = 0; i < 1100; i += 1) server.addLicense();
  const all = await latchkey(["license", "list", "--json"], server);
  assert.equal(new Set(jsonLines(all.stdout).map(({ id }) => id)).size, 1100);
  assert.equal(server.requests.length, 3);
  const some = await latchkey(["license", "list", "--json", "--limit", "510"], server);
  assert.equal(jsonLines(some.stdout).length, 510);
  assert.equal(server.requests.at(-1).query.limit, "10");
});

test("license list sends its filters", async (t) => {
  const server = await AdminServer.start(t);
  const args = [
    "license",
    "list",
    "--status",
    "active",
    "--plan",
    "pro",
    "--never-provisioned",
    "--holder",
    "Ann & Bob <a+b@c.d>",
  ];
  const { status, stderr } = await latchkey(args, server);
  assert.equal(status, 0);
  assert.match(stderr, /0 licences/);
  assert.deepEqual(server.requests[0].query, {
    status: "active",
    plan: "pro",
    never_provisioned: "1",
    holder: "Ann & Bob <a+b@c.d>",
    limit: "500",
  });
});

test("stored text can not drive the terminal", async (t) => {
  const server = await AdminServer.start(t);
  server.addLicense({ holder: { name: "Eve\u001b[2J\nroot", email: null } });
  const { stdout } = await latchkey(["license", "list"], server);
  assert.ok(!stdout.includes("\u001b"));
  assert.ok(stdout.includes("Eve\\u001b[2J\\u000aroot"));
});

test("revoke, suspend, reinstate, reissue, show and the machine verbs call their endpoints", async (t) => {
  const server = await AdminServer.start(t);
  const { id } = server.addLicense();
  const revoked = await latchkey(["license", "suspend", id, "--reason", "chargeback", "--json"], server);
  assert.deepEqual(
    [JSON.parse(revoked.stdout).status, JSON.parse(revoked.stdout).status_reason],
    ["suspended", "chargeback"],
  );
  assert.equal(
    JSON.parse((await latchkey(["license", "reinstate", id, "--json"], server)).stdout).status,
    "active",
  );
  const reissued = JSON.parse((await latchkey(["license", "reissue", id, "--json"], server)).stdout);
  assert.deepEqual([reissued.id, reissued.code], [id, "WF-NEWNE-WNEWN"]);
  assert.equal(
    JSON.parse((await latchkey(["license", "revoke", id, "--json"], server)).stdout).status,
    "revoked",
  );
  assert.match((await latchkey(["license", "show", id], server)).stdout, /^status +revoked$/m);
  assert.equal(
    JSON.parse((await latchkey(["machine", "list", id, "--json"], server)).stdout).country,
    "DE",
  );
  const released = await latchkey(["machine", "release", "mch_000001", "--json"], server);
  assert.equal(JSON.parse(released.stdout).released_at, "2026-11-21T08:00:00Z");
  assert.deepEqual(
    server.requests.map(({ path: where }) => where.split("/").slice(4).join("/")),
    ["suspend", "reinstate", "reissue", "revoke", "", "machines", "release"],
  );
});

test("machines are listed of one licence or of all, shown, and named", async (t) => {
  const server = await AdminServer.start(t);
  const { id } = server.addLicense();
  const all = await latchkey(["machine", "list"], server);
  assert.match(all.stdout, /^ID +LICENSE +NAME/);
  assert.match(all.stdout, /^mch_000002 +lic_000001 +Ada's desk .*\nmch_000001 /m);
  assert.match(all.stderr, /^2 machines\.$/m);
  const lines = (await latchkey(["machine", "list", "--json"], server)).stdout.trim().split("\n");
  assert.deepEqual(lines.map((line) => JSON.parse(line).id), ["mch_000002", "mch_000001"]);
  assert.match((await latchkey(["machine", "list", id], server)).stdout, /^ID +NAME/);
  assert.match((await latchkey(["machine", "show", "mch_000001"], server)).stdout, /^name +Ada's desk$/m);

  const sent = () => server.requests.at(-1);
  const renamed = await latchkey(["machine", "rename", "mch_000001", "The desk", "--json"], server);
  assert.equal(JSON.parse(renamed.stdout).name, "The desk");
  assert.deepEqual([sent().method, JSON.parse(sent().text)], ["PATCH", { name: "The desk" }]);
  const cleared = await latchkey(["machine", "rename", "mch_000001", "", "--dry-run"], server);
  assert.deepEqual(JSON.parse(sent().text), { name: null });
  assert.match(cleared.stdout, /^name +-$/m);
  assert.match(cleared.stderr, /dry run/);

  assert.equal((await latchkey(["machine", "show", "mch_none"], server)).status, 1);
  for (const args of [["show", "lic_1"], ["rename", "mch_1"], ["rename", "x", "y"], ["release", "m/../x"]]) {
    assert.equal((await latchkey(["machine", ...args], server)).status, 2, args.join(" "));
  }
});

test("license change sends what is named, gives terms back to the plan, and can run dry", async (t) => {
  const server = await AdminServer.start(t);
  const { id } = server.addLicense();
  const args = ["license", "change", id, "--max-machines", "5", "--providers", "kimi, qwen", "--expires-at", "plan"];
  const changed = await latchkey([...args, "--plan", "team", "--json"], server);
  assert.equal(changed.status, 0, changed.stderr);
  assert.equal(server.requests[0].method, "PATCH");
  assert.deepEqual(JSON.parse(server.requests[0].text), {
    max_machines: 5,
    providers: ["kimi", "qwen"],
    expires_at: null,
    plan: "team",
  });
  const dry = await latchkey(["license", "change", id, "--note", "", "--dry-run"], server);
  assert.match(dry.stderr, /nothing was changed/);
  assert.deepEqual(server.requests[1].query, { dry_run: "1" });
  assert.deepEqual(JSON.parse(server.requests[1].text), { note: null });
});

test("license history is a table, newest first", async (t) => {
  const server = await AdminServer.start(t);
  const { id } = server.addLicense();
  const { stdout } = await latchkey(["license", "history", id], server);
  assert.match(stdout, /2026-11-21 08:00 +license\.revoked +revoked +fraud +admin:bootstrap +req_1/);
});

test("an act on all only shows what it would do, and with --yes goes through the slices", async (t) => {
  const server = await AdminServer.start(t);
  for (let i = 0; i < 5; i += 1) server.addLicense();
  const all = ["license", "revoke", "--all", "--status", "active", "--reason", "fraud"];
  const shown = await latchkey(all, server);
  assert.equal(shown.status, 0, shown.stderr);
  assert.match(shown.stderr, /5 licences found[^]*Nothing was changed/);
  assert.equal(shown.stdout.trimEnd().split("\n").length, 6);
  assert.equal(server.requests.length, 1);
  const dry = await latchkey([...all, "--yes", "--dry-run"], server);
  assert.match(dry.stderr, /Nothing was changed/);
  server.requests.length = 0;
  const done = await latchkey([...all, "--yes", "--json"], server);
  assert.equal(done.status, 0, done.stderr);
  assert.deepEqual(JSON.parse(done.stdout), { matched: 5, changed: 2, skipped: 3 });
  const sent = server.requests.slice(1).map(({ text }) => JSON.parse(text));
  assert.deepEqual(
    sent.map(({ expected_count, after }) => [expected_count, after]),
    [[5, undefined], [3, "lic_000002"], [1, "lic_000004"]],
  );
  assert.ok(sent.every(({ act, reason, filter }) => act === "revoke" && reason === "fraud" && filter.status === "active"));
});

test("extend and replan send their act, and a number that moved stops them", async (t) => {
  const server = await AdminServer.start(t);
  for (let i = 0; i < 2; i += 1) server.addLicense();
  await latchkey(["license", "extend", "--all", "--days", "30", "--expires-before", "2027-01-01"], server);
  await latchkey(["license", "replan", "team", "--all", "--plan", "pro", "--never-provisioned"], server);
  assert.deepEqual(server.requests.map(({ text }) => JSON.parse(text)), [
    { filter: { expires_before: "2027-01-01" }, act: "extend", days: 30 },
    { filter: { plan: "pro", never_provisioned: true }, act: "replan", plan: "team" },
  ]);
  server.answers.push({ status: 200, body: { matched: 7, changed: 0, skipped: 0, next: null, sample: [] } });
  const moved = await latchkey(["license", "suspend", "--all", "--yes"], server);
  assert.equal(moved.status, 1);
  assert.match(moved.stderr, /finds another number/);
});

test("license create prints CSV, and a dry run makes nothing", async (t) => {
  const server = await AdminServer.start(t);
  const { stdout } = await latchkey(["license", "create", "--count", "2", "--csv", "--note", 'a, "b"'], server);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines[0], "id,code,plan,status,expires_at,max_machines,note");
  assert.equal(lines[1], 'lic_000001,WF-lic_000001-0,pro,active,2027-11-21T07:50:12Z,3,"a, ""b"""');
  assert.equal(lines.length, 3);
  const dry = await latchkey(["license", "create", "--dry-run"], server);
  assert.match(dry.stderr, /nothing was made/);
  assert.deepEqual(server.requests.at(-1).query, { dry_run: "1" });
});

test("plan set keeps what no flag names, and begins a new plan with the defaults", async (t) => {
  const server = await AdminServer.start(t);
  const set = await latchkey(["plan", "set", "pro", "--max-machines", "9", "--budget-daily", "none", "--retire"], server);
  assert.equal(set.status, 0, set.stderr);
  const sent = JSON.parse(server.requests[1].text);
  assert.deepEqual(
    [sent.max_machines, sent.providers, sent.license_days, sent.budget.daily, sent.retired],
    [9, ["kimi", "qwen"], 30, null, true],
  );
  for (const member of ["name", "version", "created_at", "created_by", "retired_at"]) assert.ok(!(member in sent), member);
  const args = ["plan", "set", "new", "--providers", "kimi", "--days", "never", "--deliveries", "hpke", "--dry-run"];
  const made = await latchkey([...args, "--json"], server);
  assert.equal(JSON.parse(made.stdout).dry_run, true);
  assert.deepEqual(JSON.parse(server.requests[3].text), {
    providers: ["kimi"],
    deliveries: ["hpke"],
    max_machines: 3,
    license_days: null,
    budget: {},
    limits: {},
  });
  assert.equal((await latchkey(["plan", "list", "--json"], server)).stdout.trim().split("\n").length, 1);
  assert.match((await latchkey(["plan", "show", "pro"], server)).stdout, /^pro +1 /m);
});

test("plan set --limit sets one named limit, or takes it away, and leaves the others", async (t) => {
  const server = await AdminServer.start(t);
  const before = { limits: { rpm: 5, sharing_warn: 50, sharing_suspend: 90 }, budget: {} };
  server.answers.push({ status: 200, body: { data: [before] } });
  const flags = ["--limit", "sharing_throttle=75", "--limit", "sharing_suspend=none"];
  const set = await latchkey(["plan", "set", "pro", ...flags], server);
  assert.equal(set.status, 0, set.stderr);
  const { limits } = JSON.parse(server.requests.at(-1).text);
  assert.deepEqual(limits, { rpm: 5, sharing_warn: 50, sharing_throttle: 75 });
  for (const wrong of ["sharing_throttle", "sharing_throttle=", "=5", "a=-1", "a=1.5", "A=1"]) {
    assert.equal((await latchkey(["plan", "set", "pro", "--limit", wrong], server)).status, 2, wrong);
  }
});

test("a refusal exits 1 with the message, the field errors and the request id", async (t) => {
  const server = await AdminServer.start(t);
  const { id } = server.addLicense({ status: "revoked" });
  const conflict = await latchkey(["license", "reinstate", id], server);
  assert.equal(conflict.status, 1);
  assert.match(conflict.stderr, /A revoked licence stays revoked\. \(conflict, HTTP 409\)/);
  const body = {
    success: false,
    error: "invalid_request",
    message: "Bad.",
    request_id: "req_7",
    errors: [{ location: "plan", message: "no such plan" }],
  };
  server.answers.push({ status: 400, body });
  const invalid = await latchkey(["license", "create", "--plan", "gold"], server);
  assert.equal(invalid.status, 1);
  assert.match(invalid.stderr, /plan: no such plan/);
  assert.match(invalid.stderr, /req_7/);
  assert.equal(invalid.stdout, "");
});

test("a wrong or missing token exits 4, and nothing is sent without one", async (t) => {
  const server = await AdminServer.start(t);
  const wrong = await latchkey(["license", "list"], {
    url: server.url,
    token: "lk_admin_wrong_wrong_wrong",
  });
  assert.equal(wrong.status, 4);
  assert.ok(!wrong.stderr.includes("lk_admin_wrong"));
  const none = await latchkey(["license", "list"], { url: server.url, token: "" });
  assert.equal(none.status, 4);
  assert.equal(server.requests.length, 1);
});

test("a service that is gone, unknown or unavailable exits 3", async (t) => {
  const server = await AdminServer.start(t);
  server.answers.push({
    status: 503,
    body: { success: false, error: "unavailable", message: "Later." },
    headers: { "retry-after": "60" },
  });
  const unavailable = await latchkey(["provider", "list"], server);
  assert.equal(unavailable.status, 3);
  assert.match(unavailable.stderr, /Try again in 60 seconds/);
  assert.equal((await latchkey(["provider", "list"], { url: "http://127.0.0.1:9" })).status, 3);
  const unknown = await latchkey(["provider", "list"], {});
  assert.equal(unknown.status, 3);
  assert.match(unknown.stderr, /scripts\/start/);
});

test("a 503 that asks to come back is repeated for reads, never for a create", async (t) => {
  const server = await AdminServer.start(t);
  const later = {
    status: 503,
    body: { success: false, error: "unavailable", message: "Later." },
    headers: { "retry-after": "0" },
  };
  server.answers.push(later, later);
  assert.equal((await latchkey(["provider", "list"], server)).status, 0);
  assert.equal(server.requests.length, 3);
  server.answers.push(later);
  assert.equal((await latchkey(["license", "create"], server)).status, 3);
  assert.equal(server.requests.length, 4);
});

test("the admin token goes neither over plain http to another machine nor after a redirect", async (t) => {
  const remote = await latchkey(["license", "list"], { url: "http://192.0.2.1" });
  assert.equal(remote.status, 2);
  assert.match(remote.stderr, /https/);
  const [server, other] = [await AdminServer.start(t), await AdminServer.start(t)];
  server.answers.push({ status: 302, body: {}, headers: { location: `${other.url}/admin/licenses` } });
  assert.equal((await latchkey(["license", "list"], server)).status, 1);
  assert.equal(other.requests.length, 0);
});

test("provider set reads the key from stdin and shows it nowhere", async (t) => {
  const server = await AdminServer.start(t);
  const { status, stdout, stderr } = await latchkey(["provider", "set", "deepseek"], {
    url: server.url,
    input: "sk-very-secret\n",
  });
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(server.requests[0].text), { api_key: "sk-very-secret" });
  assert.equal(server.requests[0].method, "PUT");
  assert.ok(!`${stdout}${stderr}`.includes("sk-very-secret"));
});

test("provider set refuses a key given as an argument, an empty stdin and several lines", async (t) => {
  const server = await AdminServer.start(t);
  for (const [args, input] of [
    [["provider", "set", "deepseek", "sk-very-secret"], "x"],
    [["provider", "set", "deepseek", "--key=sk-very-secret"], "x"],
    [["provider", "set", "deepseek"], ""],
    [["provider", "set", "deepseek"], "\n"],
    [["provider", "set", "deepseek"], "one\ntwo\n"],
    [["provider", "set", "deepseek"], "k".repeat(5000)],
    [["provider", "set", "../x"], "key"],
  ]) {
    const { status, stderr } = await latchkey(args, { url: server.url, input });
    assert.equal(status, 2, `${args.join(" ")}: ${stderr}`);
    assert.ok(!stderr.includes("sk-very-secret"));
  }
  assert.equal(server.requests.length, 0);
});

test("rotation start sends what its flags say, with the key from stdin, and shows the key nowhere", async (t) => {
  const server = await AdminServer.start(t);
  for (const [flags, body] of [
    [[], {}],
    [["--grace", "7d", "--ends-by", "adoption"], { grace_days: 7, ends_by: "adoption" }],
    [["--no-verify"], { verify: false }],
    [["--emergency"], { emergency: true }],
    [["--publish-at", "2027-01-31T09:00:00Z"], { publish_at: "2027-01-31T09:00:00Z" }],
  ]) {
    const args = ["rotation", "start", "deepseek", ...flags];
    const { status, stdout, stderr } = await latchkey(args, { url: server.url, input: "sk-very-secret\n" });
    assert.equal(status, 0, stderr);
    const sent = server.requests.at(-1);
    assert.equal(`${sent.method} ${sent.path}`, "POST /admin/rotations");
    assert.deepEqual(JSON.parse(sent.text), { provider: "deepseek", api_key: "sk-very-secret", ...body });
    assert.match(stdout, /^id +rot_/m);
    assert.match(stderr, /What to do next/);
    assert.ok(!`${stdout}${stderr}`.includes("sk-very-secret"));
  }
  const dry = await latchkey(["rotation", "start", "kimi", "--dry-run", "--json"], { url: server.url, input: "sk-key-1" });
  assert.equal(JSON.parse(dry.stdout).id, null);
  assert.deepEqual(server.requests.at(-1).query, { dry_run: "1" });
});

test("rotation start exits 1 where the provider refuses the key, and 2 where it makes no sense", async (t) => {
  const server = await AdminServer.start(t);
  const refused = await latchkey(["rotation", "start", "kimi"], { url: server.url, input: "sk-wrong" });
  assert.equal(refused.status, 1);
  assert.match(refused.stdout, /^state +failed/m);
  const { length } = server.requests;
  for (const flags of [
    ["--grace", "30"],
    ["--grace", "366d"],
    ["--ends-by", "luck"],
    ["--emergency", "--grace", "1d"],
    ["--emergency", "--publish-at", "2027-01-01"],
    ["sk-very-secret"],
  ]) {
    const { status, stderr } = await latchkey(["rotation", "start", "kimi", ...flags], { url: server.url, input: "sk-key-1" });
    assert.equal(status, 2, `${flags.join(" ")}: ${stderr}`);
    assert.ok(!stderr.includes("sk-very-secret"));
  }
  assert.equal(server.requests.length, length);
});

function sharingRow(fields = {}) {
  return {
    license_id: "lic_000001",
    code_hint: "WF-ABCDE...",
    plan: "pro",
    status: "active",
    score: 93,
    level: "throttle",
    level_since: "2026-11-20T07:50:12Z",
    quiet_since: null,
    policy: { warn: 60, throttle: 75, suspend: null },
    requests_per_hour: 6,
    reasons: [
      { signal: "side_by_side", value: 12, points: 45, sentence: "12 machines were in use side by side.\u001b[2J" },
      { signal: "networks", value: 9, points: 24, sentence: "The machines are at home in 9 networks." },
    ],
    seen: { seats: 3, machines: 12, refused: 9, countries: 1, networks: 9, days: 10 },
    scored_at: "2026-11-21T07:50:12Z",
    ignored_until: null,
    ...fields,
  };
}

test("sharing list goes through all pages, shows a bar and the first reason, and passes the level on", async (t) => {
  const server = await AdminServer.start(t);
  server.answers.push({ status: 200, body: { data: [sharingRow()], next_cursor: "93_lic_000001.x" } });
  server.answers.push({ status: 200, body: { data: [sharingRow({ score: 0, reasons: [] })], next_cursor: null } });
  const { status, stdout, stderr } = await latchkey(["sharing", "list", "--level", "throttle"], server);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^lic_000001 .* #{19}\. 93 +throttle +12 machines were in use side by side\.\\u001b\[2J$/m);
  assert.match(stdout, / \.{20} 0 /);
  assert.match(stderr, /^2 licences\.$/m);
  assert.deepEqual(server.requests.map(({ path, query }) => [path, query.level, query.cursor]), [
    ["/admin/sharing", "throttle", undefined],
    ["/admin/sharing", "throttle", "93_lic_000001.x"],
  ]);
  server.answers.push({ status: 200, body: { data: [sharingRow()], next_cursor: null } });
  assert.equal(jsonLines((await latchkey(["sharing", "list", "--json"], server)).stdout)[0].score, 93);
  assert.equal((await latchkey(["sharing", "list", "--level", "none"], server)).status, 2);
});

test("sharing show says how a score is made and what it may lead to", async (t) => {
  const server = await AdminServer.start(t);
  server.answers.push({ status: 200, body: sharingRow() });
  const { status, stdout, stderr } = await latchkey(["sharing", "show", "lic_000001"], server);
  assert.equal(status, 0, stderr);
  assert.equal(server.requests[0].path, "/admin/licenses/lic_000001/sharing");
  assert.match(stdout, /^score +#{19}\. 93$/m);
  assert.match(stdout, /^level +throttle since 2026-11-20 07:50$/m);
  assert.match(stdout, /^policy +warn 60, throttle 75, suspend never$/m);
  assert.match(stdout, /^seen +12 machines on 3 seats \(9 refused\), 9 networks, 1 countries, 10 days$/m);
  assert.match(stdout, /^ {2}\+45 +12 machines were in use side by side\.\\u001b\[2J$/m);
  assert.match(stdout, /^ {2}\+24 +The machines are at home in 9 networks\.$/m);
  assert.equal((await latchkey(["sharing", "show", "../x"], server)).status, 2);
});

test("license anomaly says what is usual, what was not, and that there is an alert", async (t) => {
  const server = await AdminServer.start(t);
  const reasons = [{ signal: "rate", value: 600, points: 70, sentence: "600 requests in the hour.\u001b[2J" }];
  const known = (...names) => names.map((name) => ({ name, first_day: "2026-11-01", last_day: "2026-11-20" }));
  const row = {
    license_id: "lic_000001",
    code_hint: "WF-ABCDE...",
    plan: "pro",
    status: "active",
    hour: "2026-11-21T13:00:00Z",
    score: 10,
    has_baseline: true,
    reasons: [{ signal: "new_models", value: 1, points: 10, sentence: "1 model that it never used." }],
    scored_at: "2026-11-21T14:10:00Z",
    last_alarm: { hour: "2026-11-21T12:00:00Z", score: 70, reasons },
    alert: { id: "alr_1", state: "open", since: "2026-11-21T13:10:00Z", count: 2 },
    baseline: {
      days: 20, first_day: "2026-11-01", last_day: "2026-11-20", requests_per_day: 176, peak_requests: 24,
      usual_hours: [0, 8, 9, 10, 17], models: known("gpt-5", "gpt-6"), countries: [],
    },
  };
  server.answers.push({ status: 200, body: row });
  const { status, stdout, stderr } = await latchkey(["license", "anomaly", "lic_000001"], server);
  assert.equal(status, 0, stderr);
  assert.equal(server.requests[0].path, "/admin/licenses/lic_000001/anomaly");
  assert.match(stdout, /^alert +alr_1 open since 2026-11-21 13:10, seen 2 times$/m);
  assert.match(stdout, /^baseline +20 days with use from 2026-11-01 to 2026-11-20, 176 requests a day, at most 24 an hour$/m);
  assert.match(stdout, /^usual hours, UTC +0, 8-10, 17$/m);
  assert.match(stdout, /^models +gpt-5, gpt-6$/m);
  assert.match(stdout, /^countries +-$/m);
  assert.match(stdout, /^score +#{2}\.{18} 10\n {2}\+10 +1 model that it never used\.$/m);
  assert.match(stdout, /^last alarm: 2026-11-21 12:00, score 70\n {2}\+70 +600 requests in the hour\.\\u001b\[2J$/m);
  assert.equal(stderr, "");

  const unused = { ...row, hour: null, score: 0, has_baseline: false, reasons: [], last_alarm: null, alert: null };
  unused.baseline = { ...row.baseline, days: 0, first_day: null, last_day: null, usual_hours: [], models: [] };
  server.answers.push({ status: 200, body: unused });
  const second = await latchkey(["license", "anomaly", "lic_000001"], server);
  assert.match(second.stdout, /^baseline +none$/m);
  assert.doesNotMatch(second.stdout, /last alarm/);
  assert.match(second.stderr, /Too little is known/);
  server.answers.push({ status: 200, body: row });
  assert.deepEqual(jsonLines((await latchkey(["license", "anomaly", "lic_000001", "--json"], server)).stdout), [row]);
  assert.equal((await latchkey(["license", "anomaly", "../x"], server)).status, 2);
});

test("sharing clear sends the days, and says what it does not do", async (t) => {
  const server = await AdminServer.start(t);
  for (const [flags, body, query] of [
    [[], {}, {}],
    [["--ignore", "30d"], { ignore_days: 30 }, {}],
    [["--ignore", "0d", "--dry-run"], { ignore_days: 0 }, { dry_run: "1" }],
  ]) {
    server.answers.push({ status: 200, body: sharingRow({ status: "suspended", level: "none", level_since: null }) });
    const { status, stderr } = await latchkey(["sharing", "clear", "lic_000001", ...flags], server);
    assert.equal(status, 0, stderr);
    const sent = server.requests.at(-1);
    assert.equal(`${sent.method} ${sent.path}`, "POST /admin/licenses/lic_000001/sharing/clear");
    assert.deepEqual([JSON.parse(sent.text), sent.query], [body, query]);
    assert.match(stderr, flags.includes("--dry-run") ? /A dry run/ : /license reinstate lic_000001/);
  }
  const { length } = server.requests;
  for (const days of ["30", "366d", "-1d"]) {
    assert.equal((await latchkey(["sharing", "clear", "lic_000001", `--ignore=${days}`], server)).status, 2, days);
  }
  assert.equal(server.requests.length, length);
});

test("rotation list, show and the acts on one, for people and as JSON", async (t) => {
  const server = await AdminServer.start(t);
  await latchkey(["rotation", "start", "kimi"], { url: server.url, input: "sk-key-1" });
  const shown = await latchkey(["rotation", "show", "rot_1"], server);
  assert.match(shown.stdout, /^adoption +2 of 3 machines hold the new key, the longest away since 2026-11-20 07:50$/m);
  for (const [verb, state] of [["verify", "verified"], ["publish", "published"], ["retire", "retired"], ["cancel", "cancelled"]]) {
    const { status, stdout } = await latchkey(["rotation", verb, "rot_1", "--json"], server);
    assert.equal(status, 0);
    assert.equal(JSON.parse(stdout).state, state);
    assert.equal(server.requests.at(-1).path, `/admin/rotations/rot_1/${verb}`);
  }
  const list = await latchkey(["rotation", "list"], server);
  assert.match(list.stdout, /^rot_1 +kimi +cancelled +1 -> 2/m);
  assert.equal(jsonLines((await latchkey(["rotation", "list", "--json"], server)).stdout).length, 1);
  assert.equal((await latchkey(["rotation", "show", "../x"], server)).status, 2);
});

test("on a terminal provider set asks without showing what is typed", async (t) => {
  const server = await AdminServer.start(t);
  const env = { ...process.env, LATCHKEY_URL: server.url, LATCHKEY_ADMIN_TOKEN: TOKEN };
  const command = `${rootPath("scripts/latchkey")} provider set deepseek`;
  // script(1) gives the command a terminal of its own.
  const child = spawn("script", ["-qec", command, "/dev/null"], { env, timeout: 30_000 });
  let screen = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    if (!screen.includes("Key of") && text.includes("Key of"))
      child.stdin.write("sk-typod\u007f\u007fed-secret\r");
    screen += text;
  });
  const [status] = await once(child, "close");
  assert.equal(status, 0, screen);
  assert.match(screen, /Key of deepseek:/);
  assert.ok(!screen.includes("sk-typ"), screen);
  assert.deepEqual(JSON.parse(server.requests[0].text), { api_key: "sk-typed-secret" });
});

test("token verbs call their endpoints, and the token is shown once", async (t) => {
  const server = await AdminServer.start(t);
  const args = ["token", "create", "ci", "--scope", "licenses:read", "--scope=*", "--expires", "90d"];
  const made = await latchkey(args, server);
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stdout, /^token +lk_admin_NEW$/m);
  assert.match(made.stderr, /shown once/);
  const { expires_at: expiresAt, ...sent } = JSON.parse(server.requests[0].text);
  assert.deepEqual(sent, { name: "ci", scopes: ["licenses:read", "*"] });
  assert.match(expiresAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.ok(Math.abs(Date.parse(expiresAt) - Date.now() - 90 * 86_400_000) < 60_000);
  const dated = await latchkey(["token", "create", "a", "--scope", "*", "--expires", "2027-01-31", "--json"], server);
  assert.equal(JSON.parse(dated.stdout).token, "lk_admin_NEW");
  assert.equal(JSON.parse(server.requests[1].text).expires_at, "2027-01-31");
  const list = await latchkey(["token", "list"], server);
  assert.match(list.stdout, /^ID +NAME +STATUS +SCOPES/);
  assert.match(list.stdout, /ci +active +licenses:read \* /);
  assert.match(list.stderr, /2 tokens/);
  const { id } = jsonLines((await latchkey(["token", "list", "--json"], server)).stdout)[0];
  const revoked = await latchkey(["token", "revoke", id], server);
  assert.match(revoked.stdout, /^status +revoked$/m);
  const off = await latchkey(["token", "bootstrap", "off"], server);
  assert.equal(off.stdout, "bootstrap  off\n");
  assert.deepEqual(
    server.requests.slice(-2).map(({ method, path: where, text }) => [method, where, text]),
    [
      ["DELETE", `/admin/tokens/${id}`, ""],
      ["PUT", "/admin/tokens/bootstrap", '{"enabled":false}'],
    ],
  );
});

test("token verbs refuse what makes no sense before anything is sent, and repeat no token", async (t) => {
  const server = await AdminServer.start(t);
  for (const [args, expected] of [
    [["token", "create", "ci"], /at least one --scope/],
    [["token", "create", "--scope", "*"], /needs NAME/],
    [["token", "create", "ci", "--scope", "*", "--expires", "soon"], /--expires must be/],
    [["token", "create", "ci", "--scope", "*", "--expires", "0d"], /--expires must be 1d/],
    [["token", "create", "ci", "--scope", "*", "--expires", "1d", "--expires", "2d"], /given twice/],
    [["token", "revoke", "lk_admin_secret"], /token's id/],
    [["token", "bootstrap", "maybe"], /on or off/],
    [["token", "bootstrap"], /needs on\|off/],
  ]) {
    const { status, stderr } = await latchkey(args, server);
    assert.equal(status, 2, args.join(" "));
    assert.match(stderr, expected);
    assert.ok(!stderr.includes("lk_admin_secret"));
  }
  assert.equal(server.requests.length, 0);
});

test("config prints no secret, and status exits 3 when the service is not ready", async (t) => {
  const server = await AdminServer.start(t);
  const config = await latchkey(["config"], server);
  assert.match(config.stdout, /^MASTER_KEY +\(secret\)/m);
  assert.equal(jsonLines((await latchkey(["config", "--json"], server)).stdout).length, 2);
  const ready = await latchkey(["status", "--json"], { url: server.url, token: "" });
  assert.equal(ready.status, 0);
  assert.equal(JSON.parse(ready.stdout).ready, true);
  server.ready = false;
  const red = await latchkey(["status", "--json"], server);
  assert.equal(red.status, 3);
  assert.equal(JSON.parse(red.stdout).ready, false);
});

// A new verb is a change until it is named here.
const READS = [
  /^(audit|backup|help|config|status|doctor|completion|complete|query|usage|whoami)\b/,
  / (list|show|status|history|rules|deliveries|versions|export|unpriced|anomaly)$/,
];

test("every verb that changes something can be run dry", async () => {
  for (const verb of VERBS.filter((name) => !READS.some((form) => form.test(name)))) {
    assert.match((await latchkey(["help", ...verb.split(" ")])).stdout, /--dry-run/, verb);
  }
});

test("every verb has help, and unknown words and flags name the nearest known one", async () => {
  const overview = await latchkey(["help"]);
  assert.equal(overview.status, 0);
  for (const verb of VERBS) {
    assert.ok(overview.stdout.includes(`  ${verb}`), verb);
    const help = await latchkey(["help", ...verb.split(" ")]);
    assert.match(help.stdout, new RegExp(`^Usage: latchkey ${verb}`));
    assert.match(help.stdout, /Exit codes:/);
    assert.equal((await latchkey([...verb.split(" "), "--help"])).stdout, help.stdout);
  }
  for (const [args, expected] of [
    [["license", "list", "--statsu", "active"], /Did you mean --status\?/],
    [["licence", "list"], /Did you mean license\?/],
    [["license", "crate"], /Did you mean license create\?/],
    [["license", "list", "--limit", "0"], /--limit must be a whole number from 1/],
    [["license", "list", "--limit", "5", "--limit", "6"], /given twice/],
    [["license", "list", "--plan"], /--plan needs a value/],
    [["license", "list", "--json=yes"], /takes no value/],
    [["license", "list", "extra"], /Unexpected argument 'extra'/],
    [["license", "show"], /needs LICENSE/],
    [["license", "show", "WRITER-2024-ABC"], /not a licence id/],
    [["license", "create", "--code", "A-B", "--count", "2"], /excludes --count/],
    [["license", "create", "--csv", "--json"], /excludes --json/],
    [["license", "revoke"], /Name a LICENSE, or --all/],
    [["license", "revoke", "lic_1", "--all"], /--all excludes LICENSE/],
    [["license", "revoke", "lic_1", "--yes"], /--yes goes with --all/],
    [["license", "suspend", "--all", "--status", "lost"], /--status must be one of/],
    [["license", "change", "lic_1"], /Nothing to change/],
    [["license", "extend", "--days", "5"], /goes with --all/],
    [["license", "extend", "--all"], /--days or --expires-at/],
    [["license", "replan", "--all"], /needs TO_PLAN/],
    [["plan", "set", "Two Words"], /1 to 64 of/],
    [["plan", "set", "x", "--days", "0"], /--days must be a whole number/],
  ]) {
    const { status, stdout, stderr } = await latchkey(args, { url: "http://127.0.0.1:9" });
    assert.equal(status, 2, args.join(" "));
    assert.match(stderr, expected);
    assert.equal(stdout, "");
  }
});

test("beside a running start, address and token are found; a stale file is ignored", async (t) => {
  const [server, other] = [await AdminServer.start(t), await AdminServer.start(t)];
  const directory = temporaryDirectory(t);
  const [local, envFile] = [path.join(directory, "local.json"), path.join(directory, ".dev.vars")];
  fs.writeFileSync(envFile, `# comment\nADMIN_TOKEN="${TOKEN}"\n`);
  const write = (pid) =>
    fs.writeFileSync(local, JSON.stringify({ url: server.url, env_file: envFile, pid }));
  const run = (args) => latchkey(args, { env: { LATCHKEY_LOCAL_FILE: local } });
  write(process.pid);
  assert.equal((await run(["provider", "list"])).status, 0);
  const elsewhere = await run(["provider", "list", "--url", other.url]);
  assert.equal(elsewhere.status, 4);
  assert.equal(other.requests.length, 0);
  write(2 ** 22 + 1);
  assert.equal((await run(["provider", "list"])).status, 3);
});
