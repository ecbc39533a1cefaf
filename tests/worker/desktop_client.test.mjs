// The published desktop client, unchanged: its request, its way of reading answers.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DesktopClient } from "../support/client.mjs";
import { assertProblem, freshAddress, freshMachine, openWorld } from "../support/world.mjs";

const desktopProviders = ["deepseek", "qwen", "mistral", "zhipu", "kimi", "yandex"];

let world;
before(async () => {
  world = await openWorld();
});
after(() => world.stop());

const keyServer = () => world.url.origin;
const newClient = (url = keyServer()) =>
  new DesktopClient(url, freshMachine(), { "cf-connecting-ip": freshAddress() });

// As the client words it, for looking at the answer itself.
function desktopRequest(license_id, path = "/keys/provision") {
  return world.fetch(keyServer() + path, {
    method: "POST",
    redirect: "manual",
    headers: {
      "content-type": "application/json",
      accept: "*/*",
      "user-agent": "python-httpx/0.27.2",
      "cf-connecting-ip": freshAddress(),
    },
    body: JSON.stringify({ machine_id: freshMachine(), license_id, requested_providers: desktopProviders }),
  });
}

test("its answer has an object for each provider and no time at the top", async () => {
  const { code } = await world.license();
  const { status, headers, body, text } = await desktopRequest(code);
  assert.equal(status, 200, text);
  assert.match(headers.get("content-type"), /^application\/json/);
  assert.ok(!("expires_at" in body));
  assert.deepEqual(Object.keys(body.keys).sort(), [...desktopProviders].sort());
  for (const [name, entry] of Object.entries(body.keys))
    assert.equal(entry.api_key, world.providerKeys[name]);
});

test("it gets all six keys, lists its providers, and a forced refresh works", async () => {
  const { id, code } = await world.license();
  const client = newClient();
  for (let i = 0; i < 3; i++) {
    const result = await client.provisionKeys(code);
    assert.deepEqual([result.success, result.status, result.error_message], [true, "active", undefined]);
    for (const name of desktopProviders) assert.equal(client.getKey(name), world.providerKeys[name]);
    assert.deepEqual(client.listProviders(), desktopProviders);
  }
  assert.equal(await world.number("SELECT count(*) FROM machines WHERE license_id = ?", id), 1);
});

test("a forced refresh brings a rotated key", async () => {
  const { code } = await world.license();
  const client = newClient();
  await client.provisionKeys(code);
  const { status, text } = await world.admin("PUT", "/admin/providers/zhipu", {
    api_key: "sk-zhipu-rotated-0001",
  });
  assert.equal(status, 200, text);
  await client.provisionKeys(code);
  assert.equal(client.getKey("zhipu"), "sk-zhipu-rotated-0001");
  assert.equal(client.getKey("qwen"), world.providerKeys.qwen);
});

test("a key server URL that ends in a slash works, with no redirect", async () => {
  const { code } = await world.license();
  const result = await newClient(`${keyServer()}/`).provisionKeys(code);
  assert.equal(result.success, true, result.error_message);
  assert.equal((await desktopRequest(code, "//keys/provision")).status, 200);
});

test("null, unknown, revoked, suspended and expired licences are all 401 with one body", async () => {
  const past = await world.license({ expires_at: "2020-01-01" });
  const revoked = await world.license();
  await world.admin("POST", `/admin/licenses/${revoked.id}/revoke`, {});
  const suspended = await world.license();
  await world.admin("POST", `/admin/licenses/${suspended.id}/suspend`, {});
  const bodies = new Set();
  for (const code of [
    null,
    "WRITER-2024-NOPE",
    "nobody@example.com",
    "???",
    past.code,
    revoked.code,
    suspended.code,
  ]) {
    const result = await newClient().provisionKeys(code);
    assert.deepEqual([result.status, result.error_message], ["error", "Invalid license ID"]);
    const answer = await desktopRequest(code);
    assertProblem(answer, 401, "invalid_license");
    bodies.add(JSON.stringify({ ...answer.body, request_id: "" }));
  }
  assert.equal(bodies.size, 1, "the body does not tell why");
});

test("too many requests are 429, which it can tell from a bad licence", async () => {
  const { code } = await world.license();
  const client = newClient();
  const outcomes = [];
  for (let i = 0; i < 62; i++) outcomes.push((await client.provisionKeys(code)).error_message);
  assert.deepEqual(new Set(outcomes.slice(0, 60)), new Set([undefined]));
  assert.deepEqual(outcomes.slice(60), Array(2).fill("Rate limited - please try again later"));
});

test("a failure is never a 200, whatever it sends", async () => {
  for (const body of ["", "null", "[]", "{", '{"license_id":null}', '{"machine_id":""}']) {
    const { status } = await world.fetch("/keys/provision", {
      method: "POST",
      body,
      headers: { "content-type": "application/json", "cf-connecting-ip": freshAddress() },
    });
    assert.equal(status, 400, body);
  }
});
