// license import: thousands of lines, each with its own outcome.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { AdminServer, latchkey, temporaryDirectory } from "./support.mjs";

async function setUp(t) {
  const server = await AdminServer.start(t);
  const directory = temporaryDirectory(t);
  const write = (name, text) => {
    fs.writeFileSync(path.join(directory, name), text);
    return path.join(directory, name);
  };
  const sent = () => server.requests.flatMap(({ text }) => JSON.parse(text).rows);
  const run = (...args) => latchkey(["license", "import", ...args], server);
  return { server, directory, write, sent, run };
}

test("CSV columns may stand in any order, quoted fields may span lines, and empty fields are not sent", async (t) => {
  const { write, sent, run } = await setUp(t);
  const file = write(
    "list.csv",
    '\ufeffnote,email,max_machines,code,expires_at\r\n"a ""note"",\r\nlong",a@b.c,5,,never\r\n\r\n,,,WRITER-1-A,2030-01-01\r\n,,,, \r\n',
  );
  const { status, stderr } = await run(file);
  assert.equal(status, 0, stderr);
  assert.deepEqual(sent(), [
    { line: 2, note: 'a "note",\nlong', email: "a@b.c", max_machines: 5, expires_at: null },
    { line: 5, code: "WRITER-1-A", expires_at: "2030-01-01" },
  ]);
});

test("bad lines are listed with number and reason, the good ones are imported, and the exit code is 1", async (t) => {
  const { server, write, run } = await setUp(t);
  const file = write(
    "list.csv",
    'code,plan,max_machines\nA-1,pro,3\nB-1,gold,\nC-1,pro,many\nD-1,pro\n"E"-1,pro,1\nF-1,pro,\n',
  );
  const { status, stdout } = await run(file);
  assert.equal(status, 1);
  assert.match(stdout, /^line 3: plan: no such plan$/m);
  assert.match(stdout, /^line 4: max_machines must be a whole number$/m);
  assert.match(stdout, /^line 5: 2 fields where the header names 3$/m);
  assert.match(stdout, /^line 6: a quote inside/m);
  assert.match(stdout, /^2 created, 0 exist already, 4 failed\.$/m);
  assert.deepEqual(
    [...server.licenses.values()].map(({ code }) => code),
    ["A-1", "F-1"],
  );
});

test("an unknown or repeated column, an empty list and an unreadable file are named, and nothing is sent", async (t) => {
  const { server, write, directory, run } = await setUp(t);
  for (const [file, expected] of [
    [
      write("a.csv", "code,expires\nA,2030-01-01\n"),
      /unknown column 'expires' \(did you mean expires_at\?\)/,
    ],
    [write("b.csv", "code,code\nA,B\n"), /column 'code' stands twice/],
    [write("c.csv", "code,plan\n"), /list is empty/],
    [write("d.csv", ""), /list is empty/],
    [write("e.csv", 'code\n"A\nB\n'), /CSV/],
    [write("f.json", '[{"code": "A"}'), /JSON/],
    [write("g.csv", Buffer.from([0x63, 0x6f, 0x64, 0x65, 0x0a, 0xff])), /not UTF-8/],
    [path.join(directory, "absent.csv"), /can't be read \(ENOENT\)/],
  ]) {
    const { status, stderr } = await run(file);
    assert.equal(status, 2, file);
    assert.match(stderr, expected);
  }
  assert.equal(server.requests.length, 0);
});

test("a JSON array and JSON lines are read, bad members refused line by line", async (t) => {
  const { write, sent, run } = await setUp(t);
  const array = await run(
    write("a.json", '[{"code":"A","max_machines":2,"note":null}, 7, {"code":"B","exp":"x"}, {"code":5}]'),
    "--json",
  );
  assert.equal(array.status, 1);
  const report = JSON.parse(array.stdout);
  assert.deepEqual(
    report.rows.map(({ line, status }) => [line, status]),
    [
      [1, "created"],
      [2, "error"],
      [3, "error"],
      [4, "error"],
    ],
  );
  assert.match(report.rows[2].message, /unknown column 'exp'/);
  assert.deepEqual(sent(), [{ line: 1, code: "A", max_machines: 2 }]);
  const lines = await run(write("b.ndjson", '{"email":"x@y.z"}\n\n{"code":\n'), "--json");
  assert.deepEqual(
    JSON.parse(lines.stdout).rows.map(({ line, status }) => [line, status]),
    [
      [1, "created"],
      [3, "error"],
    ],
  );
});

test("thousands go in slices of 500 from stdin, and importing again creates nothing twice", async (t) => {
  const { server } = await setUp(t);
  const input = `code\n${Array.from({ length: 1600 }, (_, i) => `WRITER-${i}-X`).join("\n")}\n`;
  const run = () => latchkey(["license", "import", "-", "--json"], { url: server.url, input });
  const first = await run();
  assert.equal(first.status, 0, first.stderr);
  assert.deepEqual(
    server.requests.map(({ text }) => JSON.parse(text).rows.length),
    [500, 500, 500, 100],
  );
  assert.match(first.stderr, /Sent 1600 of 1600/);
  const again = JSON.parse((await run()).stdout);
  assert.deepEqual([again.created, again.skipped, again.failed], [0, 1600, 0]);
});

test("long rows are cut into slices that stay under the body limit", async (t) => {
  const { server, write, run } = await setUp(t);
  const rows = Array.from({ length: 490 }, (_, i) => ({ code: `A-${i}-B`, note: "\u0001".repeat(500) }));
  const { status } = await run(write("list.json", JSON.stringify(rows)));
  assert.equal(status, 0);
  assert.ok(server.requests.length > 1);
  assert.equal(server.licenses.size, 490);
});

test("--dry-run changes nothing", async (t) => {
  const { server, write, run } = await setUp(t);
  const { status, stdout } = await run(write("list.csv", "code\nA-1\n"), "--dry-run");
  assert.equal(status, 0);
  assert.match(stdout, /^1 would be created/m);
  assert.equal(JSON.parse(server.requests[0].text).dry_run, true);
  assert.equal(server.licenses.size, 0);
});

test("--report keeps every line with generated codes, readable by its owner alone, and spares an earlier one", async (t) => {
  const { directory, write, run } = await setUp(t);
  const file = write("list.csv", 'holder_name,plan\n"Ann, B.",\nBob,gold\n');
  const report = path.join(directory, "report.csv");
  await run(file, "--report", report);
  await run(file, "--report", report);
  assert.equal(fs.statSync(report).mode & 0o777, 0o600);
  assert.deepEqual(fs.readFileSync(`${report}.1`, "utf8").split("\n"), [
    "line,status,id,code,error,message",
    "2,created,lic_000001,WF-GEN-lic_000001,,",
    "3,error,,,invalid_request,plan: no such plan",
    "",
  ]);
  assert.match(fs.readFileSync(report, "utf8"), /lic_000002/);
  const json = path.join(directory, "report.ndjson");
  await run(file, "--report", json);
  assert.equal(JSON.parse(fs.readFileSync(json, "utf8").split("\n")[0]).code, "WF-GEN-lic_000003");
});

test("when the service goes away mid-way, what is done stays reported and the rest says so", async (t) => {
  const { server, write, run } = await setUp(t);
  const file = write(
    "list.csv",
    `code\n${Array.from({ length: 1200 }, (_, i) => `W-${i}-X`).join("\n")}\n`,
  );
  const gone = {
    status: 503,
    body: { success: false, error: "unavailable", message: "Later." },
    headers: { "retry-after": "60" },
  };
  server.answers.push(null, gone);
  const { status, stdout } = await run(file, "--json");
  assert.equal(status, 3);
  const { created, failed, rows } = JSON.parse(stdout);
  assert.deepEqual([created, failed, rows.length, rows.at(-1).error], [500, 700, 1200, "not_sent"]);
  assert.equal(server.requests.length, 2);
});
