// latchkey audit ...: what it asks of the service and what it makes of the answers. tests/worker/audit_log.test.mjs
// runs it against a real one.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { vkeyOf } from "../../scripts/cli/verifier.mjs";
import { rootPath } from "../../scripts/lib/paths.mjs";
import { AdminServer, latchkey, temporaryDirectory } from "./support.mjs";

// The example of the page: three records, with an older checkpoint behind the second.
const page = fs.readFileSync(rootPath("docs/crypto-formats.md"), "utf8");
const { key, lines } = JSON.parse(/```json vector=audit_export\n(.*?)```/s.exec(page)[1]);
const header = JSON.parse(lines[0]);
const head = {
  size: 3, root: header.checkpoint.split("\n")[2], note: header.checkpoint, at: "2026-11-21T07:50:12Z", key, first: 0,
  before: [],
};
const publicKey = Buffer.from(key.split("+").slice(2).join("+"), "base64").subarray(1);

const ok = (body) => ({ status: 200, body });
const hashing = (text) => ({
  status: 503,
  body: { error: "unavailable", message: `The audit log is still being hashed: ${text}. Ask again to go on.` },
  headers: { "retry-after": "1" },
});
const checkpoints = ok({
  data: [{ size: 3, note: head.note }, { size: 2, note: JSON.parse(lines[3]).checkpoint }, { size: 0, note: "x" }],
  next_cursor: null,
});
const records = ok({ after: 0, data: [lines[1], lines[2], lines[4]], next_after: null });
const jwks = ok({ keys: [{ kty: "RSA" }, { kty: "OKP", crv: "Ed25519", x: publicKey.toString("base64url") }] });

test("a key's text form is that of the page", () => {
  assert.equal(vkeyOf(key.split("+")[0], publicKey), key);
});

test("export asks until all is hashed, writes the file of the page and checks it", async (t) => {
  const file = path.join(temporaryDirectory(t), "audit.ndjson");
  const server = await AdminServer.start(t);
  server.answers.push(hashing("1 of 3 records"), hashing("2 of 3 records"), ok(head), checkpoints, records, jwks);
  const { status, stdout, stderr } = await latchkey(["audit", "export", "--out", file, "--json"], server);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /1 of 3 records hashed\n2 of 3 records hashed/);
  assert.equal(fs.readFileSync(file, "utf8"), lines.map((line) => `${line}\n`).join(""));
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  const report = JSON.parse(stdout);
  assert.deepEqual([report.ok, report.records, report.checkpoints, report.file], [true, 3, 2, file]);
  assert.deepEqual(server.requests.map(({ method, path: where }) => `${method} ${where}`), [
    ...Array(3).fill("POST /admin/audit/checkpoint"),
    "GET /admin/audit/checkpoints", "GET /admin/audit/records", "GET /.well-known/jwks.json",
  ]);
  assert.deepEqual(server.requests[4].query, { after: "0", limit: "3" });
});

test("export gives up where the service gets no further, and leaves no file", async (t) => {
  const folder = temporaryDirectory(t);
  const server = await AdminServer.start(t);
  const run = () => latchkey(["audit", "export", "--out", path.join(folder, "a")], server);
  server.answers.push(hashing("1 of 3 records"), hashing("1 of 3 records"));
  assert.equal((await run()).status, 3);
  // Retention was quicker.
  const message = "Records up to 256 are not kept any more.";
  server.answers.push(ok(head), checkpoints, { status: 404, body: { error: "not_found", message } });
  const gone = await run();
  assert.equal(gone.status, 1);
  assert.match(gone.stderr, /not kept any more/);
  // An answer that makes no sense ends it, too.
  server.answers.push(ok(head), checkpoints, ok({ after: 0, data: [], next_after: null }));
  assert.equal((await run()).status, 1);
  assert.deepEqual(fs.readdirSync(folder), []);
});

test("export of records that differ from the checkpoint says so, and keeps the file", async (t) => {
  const file = path.join(temporaryDirectory(t), "audit.ndjson");
  const server = await AdminServer.start(t);
  const changed = ok({ ...records.body, data: records.body.data.with(0, lines[1].replace("ann", "bob")) });
  server.answers.push(ok(head), checkpoints, changed, jwks);
  const { status, stderr } = await latchkey(["audit", "export", "--out", file], server);
  assert.equal(status, 1);
  assert.match(stderr, /Lines 2 to 4 were changed/);
  assert.ok(fs.existsSync(file));
});

test("verify --live --since finds a service that has fewer records than before", async (t) => {
  const file = path.join(temporaryDirectory(t), "audit.ndjson");
  fs.writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  const server = await AdminServer.start(t);
  const { note } = checkpoints.body.data[1];
  const older = { ...head, size: 2, note };
  server.answers.push(ok(older), checkpoints, ok({ after: 0, data: [lines[1], lines[2]], next_after: 2 }));
  const { status, stderr } = await latchkey(["audit", "verify", "--live", "--since", file, "--key", key], server);
  assert.equal(status, 1, stderr);
  assert.match(stderr, /The log is shorter than .*: 2 records, and there were 3/);
});

test("list sends its filters, shows rows and stops at its limit", async (t) => {
  const server = await AdminServer.start(t);
  const row = {
    seq: 7, at: "2026-11-21T07:50:12Z", action: "plan.set", outcome: "done", reason: null, actor: "admin:ann\u001b[1m",
    license_id: null, details: { plan: "pro" },
  };
  server.answers.push(ok({ data: [], next_cursor: "a" }), ok({ data: [row, { ...row, seq: 6 }], next_cursor: "b" }));
  const args = ["audit", "list", "--action", "plan.set", "--license", "lic_1", "--since", "2026-01-01", "--limit", "2"];
  const { status, stdout, stderr } = await latchkey(args, server);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^7 +2026-11-21 07:50 +plan.set +done +- +admin:ann\\u001b\[1m +- +\{"plan":"pro"\}$/m);
  assert.match(stderr, /newest 2 records/);
  const filter = { action: "plan.set", license_id: "lic_1", since: "2026-01-01", limit: "2" };
  assert.deepEqual(server.requests.map(({ query }) => query), [filter, { ...filter, cursor: "a" }]);
  const none = await latchkey(["audit", "list", "--limit", "0"], server);
  assert.equal(none.status, 2);
});
