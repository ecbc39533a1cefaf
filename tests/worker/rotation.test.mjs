// A provider's key is replaced on the real runtime, beside providers that are as strict as the real ones.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { Providers } from "../support/providers.mjs";
import { assertProblem, freshMachine, openWorld, providers as names } from "../support/world.mjs";

const day = 86_400_000;

let world;
let providers;
before(async () => {
  providers = await Providers.start();
  world = await openWorld({ vars: providers.vars });
  for (const name of names) providers.keys[name].add(world.providerKeys[name]);
});
after(async () => {
  await world?.stop();
  await providers?.stop();
});
beforeEach(() => {
  providers.statuses = {};
  providers.asked = [];
});

let numKeys = 0;
function freshKey(provider, { known = true } = {}) {
  const key = `sk-${provider}-rotated-${++numKeys}-${freshMachine()}`;
  if (known) providers.keys[provider].add(key);
  return key;
}

async function start(provider, api_key, more = {}) {
  const answer = await world.admin("POST", "/admin/rotations", { provider, api_key, ...more });
  assert.equal(answer.status, 201, answer.text);
  assert.ok(!answer.text.includes(api_key));
  return answer.body;
}

const show = async (id) => (await world.admin("GET", `/admin/rotations/${id}`)).body;
const act = (id, what) => world.admin("POST", `/admin/rotations/${id}/${what}`, {});

async function client() {
  const { code } = await world.license();
  const ask = { license_id: code, machine_id: freshMachine(), delivery: "plain" };
  return async (provider) => {
    const { status, body, text } = await world.provision(ask);
    assert.equal(status, 200, text);
    return body.keys[provider].api_key;
  };
}

// timePasses: for the open rotation, as if it were that much later.
async function timePasses(id, ms) {
  const sql = "UPDATE rotations SET due_at = due_at - ?, grace_ends_at = grace_ends_at - ? WHERE id = ?";
  await world.db.prepare(sql).bind(ms, ms, id).run();
}

for (const provider of names) {
  test(`${provider}: verified by a real call, published, retired at the end of its grace`, async () => {
    const keyOf = await client();
    const old = await keyOf(provider);
    const key = freshKey(provider);
    const { id, state, verdict_detail } = await start(provider, key);
    assert.deepEqual([state, verdict_detail], ["verified", "HTTP 200"]);
    assert.deepEqual(providers.asked, [{ provider, status: 200 }]);
    assert.equal(await keyOf(provider), old);

    assert.equal((await act(id, "publish")).body.state, "published");
    const before = (await show(id)).adoption;
    assert.equal(await keyOf(provider), key);
    const { adoption } = await show(id);
    assert.equal(adoption.holding, before.holding + 1);
    assert.equal(adoption.lagging.count, before.lagging.count - 1);

    await world.sync();
    assert.equal((await show(id)).state, "published");
    providers.keys[provider].delete(old);
    await timePasses(id, 31 * day);
    await world.sync();
    const retired = await show(id);
    assert.deepEqual([retired.state, retired.old_key_verdict], ["retired", "refused"]);
    assert.equal(retired.worker_secret, `${provider.toUpperCase()}_API_KEY`);
    assert.equal(await keyOf(provider), key);

    const audits = await world.audit("details LIKE ?", `%${id}%`);
    assert.deepEqual(audits.map(({ action }) => action),
      ["rotation.staged", "rotation.verified", "rotation.published", "rotation.retired"]);
    assert.deepEqual(audits.map(({ actor }) => actor), [...Array(3).fill("admin:bootstrap"), "cron"]);
  });
}

describe("a key", () => {
  test("that the provider refuses is not published, and the old one serves on", async () => {
    const keyOf = await client();
    const old = await keyOf("kimi");
    const { id, state, failure } = await start("kimi", freshKey("kimi", { known: false }));
    assert.deepEqual([state, failure], ["failed", "key_refused"]);
    assertProblem(await act(id, "publish"), 409, "conflict");
    assert.equal(await keyOf("kimi"), old);
    assert.equal(await world.number("SELECT count(*) FROM provider_keys WHERE state = 'staged'"), 0);
  });

  for (const status of [302, 429, 500]) {
    test(`that could not be asked about, because of a ${status}, waits and is verified later`, async () => {
      providers.statuses.mistral = status;
      const { id, state, verdict, verdict_detail, message } = await start("mistral", freshKey("mistral"));
      assert.deepEqual([state, verdict, verdict_detail], ["staged", "could_not_ask", `HTTP ${status}`]);
      assert.match(message, /again/);
      assert.equal(providers.asked.length, 1);
      assertProblem(await act(id, "publish"), 409, "conflict");
      providers.statuses = {};
      assert.equal((await act(id, "verify")).body.state, "verified");
      assert.equal((await act(id, "cancel")).body.state, "cancelled");
    });
  }

  test("that replaces a leaked one is published without a grace, and the old one deleted", async () => {
    const keyOf = await client();
    const key = freshKey("zhipu");
    const { state } = await start("zhipu", key, { emergency: true });
    assert.equal(state, "retired");
    assert.equal(await keyOf("zhipu"), key);
    const sealed = "SELECT count(sealed) FROM provider_keys WHERE provider = 'zhipu'";
    assert.equal(await world.number(sealed), 1);
  });

  test("is published by cron when its time has come", async () => {
    const keyOf = await client();
    const old = await keyOf("qwen");
    const key = freshKey("qwen");
    const publish_at = new Date(Date.now() + day).toISOString();
    const { id, state } = await start("qwen", key, { publish_at });
    assert.equal(state, "verified");
    await world.sync();
    assert.equal(await keyOf("qwen"), old);
    await timePasses(id, day);
    await world.sync();
    assert.equal(await keyOf("qwen"), key);
    assert.equal((await act(id, "retire")).body.old_key_verdict, "accepted");
  });
});

test("one rotation of a provider at a time; the same key again is the same one", async () => {
  const key = freshKey("deepseek");
  const { id } = await start("deepseek", key);
  assert.equal((await start("deepseek", key)).id, id);
  const body = { provider: "deepseek", api_key: freshKey("deepseek") };
  for (const answer of [
    await world.admin("POST", "/admin/rotations", body),
    await world.admin("PUT", "/admin/providers/deepseek", { api_key: body.api_key }),
  ]) {
    assert.match(assertProblem(answer, 409, "conflict").message, new RegExp(id));
  }
  await act(id, "cancel");
  const { data } = (await world.admin("GET", "/admin/rotations")).body;
  assert.equal(data[0].id, id);
  assert.equal(data[0].state, "cancelled");
});

test("no key stands in the logs, the audit log or the answers", async () => {
  const key = freshKey("kimi");
  await start("kimi", key, { verify: false });
  const list = await world.admin("GET", "/admin/rotations");
  const audits = JSON.stringify(await world.audit());
  const dump = JSON.stringify((await world.db.prepare("SELECT * FROM rotations").all()).results);
  for (const text of [list.text, audits, dump, JSON.stringify(world.logs)]) assert.ok(!text.includes(key));
});

test("every call elsewhere is counted in the request's record", async () => {
  const answer = await world.admin("POST", "/admin/rotations?dry_run=1", { provider: "qwen", api_key: freshKey("qwen") });
  const id = answer.headers.get("x-request-id");
  const { record } = world.logs.find((line) => line.record?.event === "request" && line.record.request_id === id);
  assert.equal(record.fetches, 1);
  assert.equal(answer.body.state, "verified");
  assert.equal(answer.body.id, null);
});
