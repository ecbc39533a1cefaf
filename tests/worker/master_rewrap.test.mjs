// Master key rotation to its end: promoted, everything sealed anew by the command line, the old key
// dropped, and no client notices.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openFernet } from "../support/client.mjs";
import { root } from "../support/miniflare.mjs";
import { assertProblem, freshMachine, openWorld } from "../support/world.mjs";

let stateDir;
let world;
before(async () => {
  stateDir = mkdtempSync(join(tmpdir(), "latchkey-rewrap-"));
  world = await openWorld({ stateDir });
});
after(async () => {
  await world.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

async function latchkey(...args) {
  const env = { ...process.env, LATCHKEY_URL: world.url.href, LATCHKEY_ADMIN_TOKEN: world.secrets.ADMIN_TOKEN };
  const child = spawn(process.execPath, [join(root, "scripts/cli/main.mjs"), ...args], { env });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].on("data", (chunk) => (text[name] += chunk));
  const [status] = await once(child, "close");
  return { status, ...text };
}

test("a walk that was broken off is finished by the next, the old key goes, and every key still opens", async () => {
  const machines = [];
  for (let i = 0; i < 3; i++) {
    const { id, code } = await world.license({ holder: { name: `Holder ${i}`, email: `h${i}@example.com` } });
    const request = { license_id: code, machine_id: freshMachine() };
    assert.equal((await world.provision(request)).status, 200);
    machines.push({ id, request });
  }
  const put = await world.admin("PUT", "/admin/providers/kimi", { api_key: "sk-kimi-under-the-old-key" });
  assert.equal(put.status, 200, put.text);

  const fresh = `k2:${randomBytes(32).toString("base64")}`;
  await world.restart({ secrets: { MASTER_KEY: `${fresh},${world.secrets.MASTER_KEY}` } });
  // One slice, and then the admin's machine goes away.
  const slice = await world.admin("POST", "/admin/master/rewrap", {});
  assert.deepEqual([slice.body.table, slice.body.rewrapped], ["provider_keys", 1], slice.text);

  const { status, stdout, stderr } = await latchkey("master", "rewrap", "--json");
  assert.equal(status, 0, stderr);
  const report = JSON.parse(stdout);
  assert.deepEqual([report.sealing_kid, report.unused_kids, report.rewrapped], ["k2", ["k1"], 6]);
  assert.match(stderr, /pass 2/);
  const again = await latchkey("master", "rewrap");
  assert.match(again.stdout, /Everything stored is sealed under k2 \(0 values sealed anew\)/);
  assert.match(again.stderr, /No longer used: k1/);

  await world.restart({ secrets: { MASTER_KEY: fresh } });
  for (const [i, { id, request }] of machines.entries()) {
    const answer = await world.provision(request);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(openFernet(answer.body.keys, request.machine_id).kimi, "sk-kimi-under-the-old-key");
    const { holder } = (await world.admin("GET", `/admin/licenses/${id}`)).body;
    assert.equal(holder.email, `h${i}@example.com`);
  }
  const derives = world.logs.filter(({ record }) => record?.event === "request" && record.derives > 0);
  assert.equal(derives.length, 0, "no machine's Fernet key is derived a second time");
});

test("a cursor of another list, or none at all, is refused", async () => {
  for (const cursor of ["x", "9:a.b", 7, ""]) {
    assertProblem(await world.admin("POST", "/admin/master/rewrap", { cursor }), 400, "invalid_request");
  }
});
