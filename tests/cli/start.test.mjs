// scripts/start around the Worker: secrets, readiness, demo, signals. It serves a small Worker in
// place of the bundle here; tests/worker runs the real one.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import test from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { readEnvFile } from "../../scripts/lib/env_file.mjs";
import { rootPath } from "../../scripts/lib/paths.mjs";
import { runProgram, temporaryDirectory } from "./support.mjs";

const WORKER = `export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/ready") {
      if (/^k1:/.test(env.MASTER_KEY)) return Response.json({ ready: true });
      console.error(JSON.stringify({ event: "config", name: "MASTER_KEY" }));
      return Response.json({ ready: false }, { status: 503 });
    }
    if (pathname === "/admin/licenses" && request.method === "POST") {
      if (request.headers.get("authorization") !== "Bearer " + env.ADMIN_TOKEN) return new Response(null, { status: 401 });
      if (await env.KV.get("licence")) return Response.json({}, { status: 409 });
      await env.KV.put("licence", JSON.stringify(await request.json()));
      return Response.json({}, { status: 201 });
    }
    if (pathname === "/keys/provision") return Response.json({ body: await request.json(), environment: env.ENVIRONMENT });
    return new Response(null, { status: 404 });
  },
};
`;

// A root with this project's scripts and migrations, and WORKER as its bundle.
function setUp(t) {
  const root = temporaryDirectory(t);
  for (const name of ["scripts", "d1", "wrangler.toml", "package.json"]) {
    fs.cpSync(rootPath(name), path.join(root, name), { recursive: true });
  }
  fs.symlinkSync(rootPath("node_modules"), path.join(root, "node_modules"));
  fs.mkdirSync(path.join(root, "build/worker"), { recursive: true });
  fs.writeFileSync(path.join(root, "build/worker/index.js"), WORKER);
  return { root, envFile: path.join(root, ".dev.vars"), local: path.join(root, ".latchkey/local.json") };
}

async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// start: the process, once it says that it is ready or has ended.
async function start(t, { root, envFile }, { port = 0, demo = "--demo" } = {}) {
  const args = ["scripts/lib/start.mjs", String(port), path.join(root, ".latchkey/state"), envFile, demo];
  const child = spawn(path.join(root, "node_modules/.bin/node"), args, { cwd: root, timeout: 60_000 });
  t.after(() => child.kill("SIGKILL"));
  const run = { child, stdout: "", stderr: "" };
  child.stderr.setEncoding("utf8").on("data", (text) => {
    run.stderr += text;
  });
  const ended = once(child, "close").then(([status, signal]) => {
    run.status = status ?? signal;
    return run;
  });
  run.ended = ended;
  const ready = new Promise((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      run.stdout += text;
      run.url = /^Ready on (http:\/\/127\.0\.0\.1:\d+)$/m.exec(run.stdout)?.[1];
      if (run.url) resolve(run);
    });
  });
  await Promise.race([ready, ended]);
  return run;
}

function children(pid) {
  return fs
    .readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number);
}

function isRunning(pid) {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

async function ends(pid) {
  for (let i = 0; i < 100 && isRunning(pid); i += 1) await delay(50);
  return !isRunning(pid);
}

test("a first start makes secrets, prints a curl line that works, and says where it serves", async (t) => {
  const place = setUp(t);
  const run = await start(t, place);
  assert.ok(run.url, run.stderr);
  const { values } = readEnvFile(place.envFile);
  assert.equal(values.size, 10);
  assert.equal(fs.statSync(place.envFile).mode & 0o777, 0o600);
  for (const value of values.values()) assert.ok(!run.stdout.includes(value));
  const curl = run.stdout.split("\n").find((line) => line.startsWith("curl "));
  const answer = JSON.parse((await runProgram("bash", ["-c", curl])).stdout);
  assert.deepEqual(answer.body, {
    license_id: "WRITER-2024-DEMO",
    machine_id: "demo-machine",
    delivery: "plain",
  });
  assert.equal(answer.environment, "development");
  assert.deepEqual(JSON.parse(fs.readFileSync(place.local, "utf8")), {
    url: run.url,
    env_file: place.envFile,
    pid: run.child.pid,
  });
  assert.match(run.stdout.trimEnd(), /\nReady on \S+$/);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  test(`${signal} ends start with 0, workerd with it, and what it stored is there again`, async (t) => {
    const place = setUp(t);
    const first = await start(t, place);
    const [workerd] = children(first.child.pid);
    first.child.kill(signal);
    assert.equal((await first.ended).status, 0, first.stderr);
    assert.ok(await ends(workerd));
    assert.ok(!fs.existsSync(place.local));
    const secrets = fs.readFileSync(place.envFile, "utf8");
    const second = await start(t, place);
    assert.match(second.stdout, /WRITER-2024-DEMO \(plan pro, from before\)/);
    assert.ok(!second.stdout.includes("Migrated"));
    assert.equal(fs.readFileSync(place.envFile, "utf8"), secrets);
  });
}

test("a start that is killed leaves no workerd behind, and the next one serves on its port", async (t) => {
  const place = setUp(t);
  const port = await freePort();
  const first = await start(t, place, { port });
  const [workerd] = children(first.child.pid);
  first.child.kill("SIGKILL");
  await first.ended;
  assert.ok(await ends(workerd));
  const second = await start(t, place, { port });
  assert.equal(second.url, `http://127.0.0.1:${port}`, second.stderr);
});

test("start ends with 1 when workerd dies", async (t) => {
  const run = await start(t, setUp(t));
  process.kill(children(run.child.pid)[0], "SIGKILL");
  assert.equal((await run.ended).status, 1);
  assert.match(run.stderr, /workerd has ended/);
});

test("a port in use is named, and nothing is made", async (t) => {
  const place = setUp(t);
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address();
  const run = await start(t, place, { port });
  assert.equal(run.status, 1);
  assert.match(run.stderr, new RegExp(`port ${port} is in use`));
  assert.ok(!fs.existsSync(place.envFile));
});

test("a malformed secret is named by the log line of the Worker, its value is not shown, and start exits 1", async (t) => {
  const place = setUp(t);
  fs.writeFileSync(place.envFile, "MASTER_KEY=malformed-secret-value\n");
  const run = await start(t, place);
  assert.equal(run.status, 1);
  assert.match(run.stderr, /"name":"MASTER_KEY"/);
  assert.match(run.stderr, /not ready \(HTTP 503\)/);
  assert.ok(!`${run.stdout}${run.stderr}`.includes("malformed-secret-value"));
});

test("--no-demo makes no licence, and the env file overrides the vars of wrangler.toml", async (t) => {
  const place = setUp(t);
  fs.writeFileSync(place.envFile, "ENVIRONMENT=production\n");
  const run = await start(t, place, { demo: "--no-demo" });
  assert.ok(run.url, run.stderr);
  assert.ok(!run.stdout.includes("curl"));
  const answer = await fetch(`${run.url}/keys/provision`, { method: "POST", body: "{}" });
  assert.equal((await answer.json()).environment, "production");
});

test("secrets made anew for an old state are warned of", async (t) => {
  const place = setUp(t);
  const first = await start(t, place);
  first.child.kill("SIGTERM");
  await first.ended;
  fs.unlinkSync(place.envFile);
  const second = await start(t, place);
  assert.match(second.stderr, /warning: \.latchkey\/state was made with other secrets/);
});
