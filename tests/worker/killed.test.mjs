// The service killed in the middle of the admin's long work: re-wrapping to a new master key, and rotating a
// provider's key. Begun again it goes on from where it was; nothing is lost, doubled or unreadable.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { latchkey } from "../cli/support.mjs";
import { openFernet } from "../support/client.mjs";
import { Providers } from "../support/providers.mjs";
import { rootPath } from "../../scripts/lib/paths.mjs";
import { ends, makePlace, startAt } from "../support/started.mjs";

const numHolders = 700; // more than three slices of a re-wrap

class Service {
  constructor(t) {
    this.t = t;
    this.place = makePlace(t);
    writeFileSync(this.place.envFile, "RATE_LIMIT_IP_PER_HOUR=900000\n");
  }

  setEnv(changes) {
    const lines = readFileSync(this.place.envFile, "utf8").split("\n");
    const kept = lines.filter((line) => !Object.keys(changes).some((name) => line.startsWith(`${name}=`)));
    const added = Object.entries(changes).map(([name, value]) => `${name}=${value}`);
    writeFileSync(this.place.envFile, [...kept, ...added].filter(Boolean).join("\n") + "\n");
  }

  async start() {
    this.run = await startAt(this.t, this.place, ["--port", "0", "--no-demo"]);
    assert.ok(this.run.url, this.run.stderr);
    this.token = this.place.secrets().ADMIN_TOKEN;
  }

  async stop() {
    this.run.child.kill("SIGTERM");
    await this.run.ended;
  }

  async kill() {
    const workerd = this.run.workerd();
    process.kill(workerd, "SIGKILL");
    assert.ok(await ends(workerd));
    await this.run.ended;
  }

  async send(method, path, body, headers = {}) {
    const response = await fetch(new URL(path, this.run.url), {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json", ...headers },
      body: body && JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  // rewrap: the command line at work: `begun` with its first line of progress, `ended` with {status, stderr}.
  rewrap() {
    const env = { ...process.env, LATCHKEY_URL: this.run.url, LATCHKEY_ADMIN_TOKEN: this.token };
    const child = spawn(rootPath("scripts/latchkey"), ["master", "rewrap"], { env });
    let stderr = "";
    const ended = once(child, "close").then(([status]) => ({ status, stderr }));
    const begun = new Promise((resolve) => {
      child.stderr.on("data", (chunk) => {
        stderr += chunk;
        if (stderr.includes("pass 1")) resolve();
      });
    });
    return { begun: Promise.race([begun, ended]), ended };
  }
}

test("a re-wrap that is killed again and again ends with the old key unused and all readable", async (t) => {
  const service = new Service(t);
  await service.start();
  const rows = Array.from({ length: numHolders }, (_, i) => ({ holder_email: `holder-${i}@example.com` }));
  for (let at = 0; at < rows.length; at += 500) {
    const { status, body } = await service.send("POST", "/admin/licenses/import", { rows: rows.slice(at, at + 500) });
    assert.equal(status, 200, JSON.stringify(body));
  }
  const [license] = (await service.send("POST", "/admin/licenses", { max_machines: 5 })).body.licenses;
  const request = { license_id: license.code, machine_id: "the writer's", delivery: "fernet" };
  const before = await service.send("POST", "/keys/provision", request);
  assert.equal(before.status, 200);
  await service.stop();

  const fresh = `fresh:${randomBytes(32).toString("base64")}`;
  service.setEnv({ MASTER_KEY: `${fresh},${service.place.secrets().MASTER_KEY}` });
  let numKilled = 0;
  for (const afterMs of [0, 15, 40]) {
    await service.start();
    const rewrap = service.rewrap();
    await rewrap.begun;
    await delay(afterMs);
    await service.kill();
    const { status, stderr } = await rewrap.ended;
    if (status === 0) continue; // It was faster.
    assert.equal(status, 3, stderr);
    assert.match(stderr, /Run it again/);
    numKilled++;
  }
  assert.ok(numKilled > 0, "no run was killed on its way");

  await service.start();
  const { status, stdout, stderr } = await latchkey(["master", "rewrap", "--json"], {
    url: service.run.url,
    token: service.token,
  });
  assert.equal(status, 0, stderr);
  assert.equal(JSON.parse(stdout).unused_kids.length, 1, stdout);
  await service.stop();
  service.setEnv({ MASTER_KEY: fresh });
  await service.start();
  let numRead = 0;
  for (let path = "/admin/licenses?limit=500"; path; ) {
    const { body } = await service.send("GET", path);
    numRead += body.data.filter(({ holder }) => /^holder-\d+@example\.com$/.test(holder?.email)).length;
    path = body.next_cursor && `/admin/licenses?limit=500&cursor=${encodeURIComponent(body.next_cursor)}`;
  }
  assert.equal(numRead, numHolders);
  const after = await service.send("POST", "/keys/provision", request);
  assert.deepEqual(openFernet(after.body.keys, request.machine_id), openFernet(before.body.keys, request.machine_id));
  await service.stop();
});

test("a rotation whose service is killed at any step goes on when the step is asked for again", async (t) => {
  const providers = await Providers.start();
  t.after(() => providers.stop());
  const service = new Service(t);
  service.setEnv(providers.vars);
  await service.start();
  const [license] = (await service.send("POST", "/admin/licenses", {})).body.licenses;
  const request = { license_id: license.code, machine_id: "the writer's", delivery: "plain" };
  const api_key = `sk-kimi-${randomBytes(12).toString("hex")}`;
  providers.keys.kimi.add(api_key);

  // killedIn: the request is sent, the service killed so much later, and the same sent again to the next one.
  async function killedIn(afterMs, method, path, body, headers) {
    const lost = service.send(method, path, body, headers).catch(() => null);
    await delay(afterMs);
    await service.kill();
    await lost;
    await service.start();
    const answer = await service.send(method, path, body, headers);
    // The first one still counts as running, for a minute; the same key in the body is the same rotation too.
    const isHeld = answer.status === 409 && answer.body.retryable;
    return isHeld ? service.send(method, path, body) : answer;
  }
  const key = { "idempotency-key": "replace-kimi" };
  let rotation;
  for (const afterMs of [0, 6, 30]) {
    const { status, body } = await killedIn(afterMs, "POST", "/admin/rotations", { provider: "kimi", api_key }, key);
    assert.ok([200, 201].includes(status), JSON.stringify(body));
    rotation ??= body.id;
    assert.equal(body.id, rotation, "the same rotation, however often it is asked for");
  }
  for (const [act, afterMs] of [["verify", 5], ["publish", 5], ["retire", 5]]) {
    const { status, body } = await killedIn(afterMs, "POST", `/admin/rotations/${rotation}/${act}`, {});
    assert.ok(status === 200 || (status === 409 && /publish|retire|verif/.test(body.message)), JSON.stringify(body));
  }
  const { body } = await service.send("GET", `/admin/rotations/${rotation}`);
  assert.deepEqual([body.state, body.to_version], ["retired", 2], body.message);
  const { data } = (await service.send("GET", "/admin/rotations")).body;
  assert.deepEqual(data.map(({ id }) => id), [rotation]);
  const answer = await service.send("POST", "/keys/provision", request);
  assert.equal(answer.body.keys.kimi.api_key, api_key);
  assert.equal(answer.body.key_versions.kimi, 2);
  await service.stop();
});
