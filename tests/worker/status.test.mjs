// GET /keys/status with a receipt and POST /keys/status with a licence.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { failing } from "../support/failing.mjs";
import { assertProblem, freshAddress, freshMachine, openWorld, providers } from "../support/world.mjs";

let stateDir;
let world;
before(async () => {
  stateDir = mkdtempSync(join(tmpdir(), "latchkey-status-"));
  world = await openWorld({ stateDir });
});
after(async () => {
  await world.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

async function seated(terms) {
  const license = await world.license(terms);
  const machine_id = freshMachine();
  const answer = await world.provision({ license_id: license.code, machine_id, delivery: "plain" });
  assert.equal(answer.status, 200, answer.text);
  return { ...license, machine_id, receipt: answer.body.receipt, keys: answer.body.keys };
}

const setProvider = async (name, api_key) => {
  const answer = await world.admin("PUT", `/admin/providers/${name}`, { api_key });
  assert.equal(answer.status, 200, answer.text);
  return answer.body.version;
};

describe("GET with a receipt as bearer", () => {
  test("tells plan, versions and end, hands out no key, and carries a strong ETag", async () => {
    const client = await seated();
    await world.sync();
    const answer = await world.receiptStatus(client.receipt);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(
      [answer.body.changed, answer.body.changed_providers, answer.body.plan],
      [false, [], "pro"],
    );
    assert.deepEqual(Object.keys(answer.body.key_versions), providers);
    assert.equal(answer.body.license_expires_at, client.expires_at);
    assert.match(answer.headers.get("etag"), /^"[\w-]{22}"$/);
    for (const { api_key } of Object.values(client.keys)) assert.ok(!answer.text.includes(api_key));
  });

  test("with the ETag is 304 without a body; with another, or none, 200", async () => {
    const { receipt } = await seated();
    const etag = (await world.receiptStatus(receipt)).headers.get("etag");
    for (const match of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const answer = await world.receiptStatus(receipt, { "if-none-match": match });
      assert.equal(answer.status, 304, match);
      assert.equal(answer.text, "");
      assert.equal(answer.headers.get("etag"), etag);
    }
    assert.equal((await world.receiptStatus(receipt, { "if-none-match": '"other"' })).status, 200);
  });

  test("without a receipt, with a forged one, another's token or one for nobody is 401", async () => {
    const { receipt } = await seated();
    const [head, payload, signature] = receipt.split(".");
    const forged = Buffer.from(payload, "base64url").toString().replace('"plan":"pro"', '"plan":"max"');
    const unsigned = Buffer.from('{"alg":"none"}').toString("base64url");
    for (const authorization of [
      undefined,
      "Bearer",
      "Bearer x.y.z",
      `Basic ${receipt}`,
      `Bearer ${world.secrets.ADMIN_TOKEN}`,
      `Bearer ${head}.${Buffer.from(forged).toString("base64url")}.${signature}`,
      `Bearer ${unsigned}.${payload}.`,
    ]) {
      const headers = authorization ? { authorization } : {};
      assertProblem(await world.send("GET", "/keys/status", undefined, headers), 401, "unauthorized");
    }
  });

  test("of a licence that is revoked or suspended is refused once KV has it", async () => {
    for (const act of ["revoke", "suspend"]) {
      const client = await seated();
      await world.sync();
      assert.equal((await world.receiptStatus(client.receipt)).status, 200);
      await world.admin("POST", `/admin/licenses/${client.id}/${act}`, {});
      await world.sync();
      assertProblem(await world.receiptStatus(client.receipt), 401, "invalid_license");
    }
  });

  test("a Worker secret that changes shows in the ETag", async () => {
    const { receipt } = await seated();
    await world.sync();
    const etag = (await world.receiptStatus(receipt)).headers.get("etag");
    await world.restart();
    assert.equal((await world.receiptStatus(receipt)).headers.get("etag"), etag);
    await world.restart({ secrets: { DEEPSEEK_API_KEY: "sk-deepseek-another-secret" } });
    const answer = await world.receiptStatus(receipt, { "if-none-match": etag });
    assert.equal(answer.status, 200);
    assert.notEqual(answer.headers.get("etag"), etag);
  });

  test("a key that is set shows as changed once KV has it", async () => {
    const { receipt } = await seated();
    await world.sync();
    const etag = (await world.receiptStatus(receipt)).headers.get("etag");
    const version = await setProvider("yandex", "sk-yandex-for-get-status");
    await world.sync();
    await world.restart(); // A fresh isolate: the one before may keep KV's copy for ten seconds.
    const answer = await world.receiptStatus(receipt, { "if-none-match": etag });
    assert.equal(answer.status, 200);
    assert.deepEqual([answer.body.changed, answer.body.changed_providers], [true, ["yandex"]]);
    assert.equal(answer.body.key_versions.yandex, version);
  });

  test("needs no D1: it answers while D1 does not", async () => {
    const offline = await openWorld({ wrapper: failing });
    try {
      const { code } = await offline.license();
      const { body } = await offline.provision({ license_id: code, machine_id: "m", delivery: "plain" });
      await offline.sync();
      const answer = await offline.receiptStatus(body.receipt, { "x-db": "dead" });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.body.plan, "pro");
    } finally {
      await offline.stop();
    }
  });
});

describe("POST with licence and machine", () => {
  const ask = async (client) => {
    const answer = await world.status({ license_id: client.code, machine_id: client.machine_id });
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.headers.get("ratelimit"), /"ip";r=\d+;t=\d+, "license";r=\d+/);
    return answer.body;
  };

  test("is false, then names the provider whose key was set, then false once it is fetched", async () => {
    const client = await seated();
    assert.deepEqual(await ask(client), { changed: false });
    const version = await setProvider("mistral", "sk-mistral-set-by-admin");
    const changed = await ask(client);
    assert.deepEqual([changed.changed, changed.changed_providers], [true, ["mistral"]]);
    assert.equal(changed.key_versions.mistral, version);
    const { body } = await world.provision({
      license_id: client.code,
      machine_id: client.machine_id,
      delivery: "plain",
    });
    assert.equal(body.keys.mistral.api_key, "sk-mistral-set-by-admin");
    assert.equal(body.key_versions.mistral, version);
    assert.deepEqual(await ask(client), { changed: false });
  });

  test("names a provider whose Worker secret changed", async () => {
    const client = await seated();
    await world.restart({ secrets: { KIMI_API_KEY: "sk-kimi-another-secret" } });
    const changed = await ask(client);
    assert.deepEqual([changed.changed, changed.changed_providers], [true, ["kimi"]]);
  });

  test("of a machine that holds no seat says so, and claims none", async () => {
    const client = await seated();
    const answer = await ask({ ...client, machine_id: freshMachine() });
    assert.deepEqual(
      answer.notices.map(({ code }) => code),
      ["machine_unknown"],
    );
    assert.equal(await world.number("SELECT count(*) FROM machines WHERE license_id = ?", client.id), 1);
  });

  test("hands out no key", async () => {
    const client = await seated();
    await setProvider("qwen", "sk-qwen-set-by-admin");
    const text = JSON.stringify(await ask(client));
    for (const key of [...Object.values(world.providerKeys), "sk-qwen-set-by-admin"])
      assert.ok(!text.includes(key));
  });

  test("of a licence that is unknown, revoked, suspended or expired is 401, with an audit row", async () => {
    const revoked = await seated();
    await world.admin("POST", `/admin/licenses/${revoked.id}/revoke`, {});
    const expired = await seated();
    await world.db.prepare("UPDATE licenses SET expires_at = 1 WHERE id = ?").bind(expired.id).run();
    for (const [client, reason] of [
      [revoked, "revoked"],
      [expired, "expired"],
      [{ code: null }, "unknown_license"],
    ]) {
      const answer = await world.status(
        { license_id: client.code, machine_id: "m" },
        { "cf-connecting-ip": freshAddress() },
      );
      assertProblem(answer, 401, "invalid_license");
      const [row] = await world.audit("request_id = ?", answer.headers.get("x-request-id"));
      assert.deepEqual([row.action, row.outcome, row.reason], ["status.denied", "denied", reason]);
    }
  });
});
