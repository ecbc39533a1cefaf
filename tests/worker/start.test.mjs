// ./scripts/start with the real Worker, as a newcomer types it.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { runProgram } from "../cli/support.mjs";
import { ends, listen, makePlace, startAt } from "../support/started.mjs";

const readyMsMax = 5000;

test("a second start serves what the first stored within five seconds; signals end it with 0", async (t) => {
  const place = makePlace(t);
  const first = await startAt(t, place);
  assert.ok(first.url, first.stderr);
  const secrets = place.secrets();
  assert.equal(Object.keys(secrets).length, 10);
  for (const value of Object.values(secrets)) assert.ok(!`${first.stdout}${first.stderr}`.includes(value));

  const curl = first.stdout.split("\n").find((line) => line.startsWith("curl "));
  const ask = async () => JSON.parse((await runProgram("bash", ["-c", curl])).stdout);
  const answer = await ask();
  assert.equal(Object.keys(answer.keys).length, 6);
  for (const [name, { api_key }] of Object.entries(answer.keys)) {
    assert.equal(api_key, secrets[`${name.toUpperCase()}_API_KEY`]);
  }

  const workerd = first.workerd();
  first.child.kill("SIGTERM");
  assert.equal((await first.ended).status, 0, first.stderr);
  assert.ok(await ends(workerd), "workerd goes with it");

  const port = new URL(first.url).port;
  const second = await startAt(t, place, ["--port", port]);
  assert.equal(second.url, first.url, second.stderr);
  assert.ok(second.readyMs < readyMsMax, `ready after ${second.readyMs} ms`);
  assert.deepEqual(place.secrets(), secrets);
  const again = await ask();
  assert.deepEqual(Object.keys(again.keys), Object.keys(answer.keys));
  const show = ["license", "list", "--json", "--url", second.url, "--token", secrets.ADMIN_TOKEN];
  const [license] = (await runProgram("scripts/latchkey", show)).stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(license.machines_used, 1, "the same machine is the same seat");
  second.child.kill("SIGINT");
  assert.equal((await second.ended).status, 0, second.stderr);
});

test("a malformed MASTER_KEY is named, its value is not shown, and start ends with 1", async (t) => {
  const place = makePlace(t);
  writeFileSync(place.envFile, "MASTER_KEY=k1:bWFsZm9ybWVkLW1hc3Rlci1rZXk=\n");
  const run = await startAt(t, place);
  assert.equal(run.status, 1);
  assert.match(run.stderr, /MASTER_KEY/);
  assert.ok(!`${run.stdout}${run.stderr}`.includes("bWFsZm9ybWVk"));
});

test("a MASTER_KEY that is missing is made and kept beside what the file says", async (t) => {
  const place = makePlace(t);
  writeFileSync(
    place.envFile,
    "# mine\nDEEPSEEK_API_KEY=sk-deepseek-of-my-own\nRATE_LIMIT_LICENSE_PER_HOUR=1\n",
  );
  const run = await startAt(t, place);
  assert.ok(run.url, run.stderr);
  const { MASTER_KEY, DEEPSEEK_API_KEY } = place.secrets();
  assert.match(MASTER_KEY, /^k1:[A-Za-z0-9+/]{43}=$/);
  assert.equal(DEEPSEEK_API_KEY, "sk-deepseek-of-my-own");
  assert.ok(!run.stdout.includes(MASTER_KEY.slice(3)));
  const curl = run.stdout.split("\n").find((line) => line.startsWith("curl "));
  const ask = async () => JSON.parse((await runProgram("bash", ["-c", curl])).stdout);
  assert.equal((await ask()).keys.deepseek.api_key, DEEPSEEK_API_KEY);
  assert.equal((await ask()).error, "rate_limited", "the file overrides the vars of wrangler.toml");
  run.child.kill("SIGTERM");
  assert.equal((await run.ended).status, 0, run.stderr);
});

test("a port in use is named, and start ends with 1", async (t) => {
  const server = await listen();
  t.after(() => server.close());
  const { port } = server.address();
  const run = await startAt(t, makePlace(t), ["--port", String(port)]);
  assert.equal(run.status, 1);
  assert.match(run.stderr, new RegExp(`port ${port} is in use`));
});
