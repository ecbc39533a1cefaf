// Each delivery, opened with libraries that are not ours.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import {
  desktopFernetKey,
  machineClaim,
  makeDevice,
  openFernet,
  openHpke,
  readReceipt,
} from "../support/client.mjs";
import { root } from "../support/miniflare.mjs";
import { assertProblem, freshMachine, openWorld, providers, wasmHash } from "../support/world.mjs";

const daySeconds = 86_400;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const seconds = (text) => Date.parse(text) / 1000;

let world;
let license;
let jwks;
before(async () => {
  world = await openWorld({ cf: { country: "NL", asn: 1136, latitude: "52.37403", longitude: "4.88969" } });
  license = await world.license({ max_machines: 100 });
  jwks = (await world.fetch("/.well-known/jwks.json")).body;
});
after(() => world.stop());

async function provisioned(request) {
  const answer = await world.provision({ license_id: license.code, ...request });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.equal(answer.body.success, true);
  return answer.body;
}

function assertTimes(body, now = Date.now() / 1000) {
  assert.match(body.expires_at, time);
  assert.match(body.refresh_after, time);
  assert.ok(Math.abs(seconds(body.expires_at) - now - 30 * daySeconds) < 60);
  assert.ok(Math.abs(seconds(body.refresh_after) - now - 7 * daySeconds) < 60);
}

test("the desktop client's own Fernet key is derived as its published vector says", () => {
  assert.equal(
    desktopFernetKey("0123456789abcdef0123456789abcdef"),
    "wivVShZbdZV6nfRBg9YhJlRzfBCMJe2A_RJBx79-U0k=",
  );
});

test("fernet is what a client gets that names nothing, opened by npm's fernet", async () => {
  const machine_id = freshMachine();
  const body = await provisioned({ machine_id, app_version: "1.2.3" });
  assert.equal(body.delivery, "fernet");
  assertTimes(body);
  assert.deepEqual(openFernet(body.keys, machine_id), world.providerKeys);
  assert.throws(() => openFernet(body.keys, freshMachine()));
});

test("a machine's second fernet answer opens with the same key, from other tokens", async () => {
  const machine_id = freshMachine();
  const first = await provisioned({ machine_id });
  const second = await provisioned({ machine_id });
  assert.deepEqual(openFernet(second.keys, machine_id), world.providerKeys);
  for (const name of providers) assert.notEqual(first.keys[name], second.keys[name]);
});

test("fernet works for a machine id of any printable characters", async () => {
  for (const machine_id of ["x", "Zoë's büro 🖥", "a".repeat(128)]) {
    const body = await provisioned({ machine_id, delivery: "fernet" });
    assert.deepEqual(openFernet(body.keys, machine_id), world.providerKeys);
  }
});

test("hpke is what a device key gets, opened by @hpke/core in one context", async () => {
  const device = await makeDevice();
  const body = await provisioned({ machine_id: freshMachine(), client_public_key: device.publicKey });
  assert.equal(body.delivery, "hpke");
  assertTimes(body);
  assert.deepEqual({ ...body.hpke, enc: 0 }, { kem: 0x20, kdf: 1, aead: 2, enc: 0 });
  assert.deepEqual(Object.keys(body.keys), providers);
  assert.deepEqual(await openHpke(body, device), world.providerKeys);
});

test("hpke is sealed for the device key alone, with an ephemeral key of its own each time", async () => {
  const device = await makeDevice();
  const request = { machine_id: freshMachine(), client_public_key: device.publicKey };
  const first = await provisioned(request);
  const second = await provisioned(request);
  assert.notEqual(first.hpke.enc, second.hpke.enc);
  await assert.rejects(openHpke(first, await makeDevice()));
  await assert.rejects(openHpke({ keys: second.keys, hpke: first.hpke }, device));
  const swapped = { ...first.keys, deepseek: first.keys.kimi, kimi: first.keys.deepseek };
  await assert.rejects(openHpke({ keys: swapped, hpke: first.hpke }, device));
});

test("hpke opens in one context where only some providers are asked for", async () => {
  const device = await makeDevice();
  const body = await provisioned({
    machine_id: freshMachine(),
    client_public_key: device.publicKey,
    requested_providers: ["yandex", "deepseek", "qwen"],
  });
  assert.equal(body.delivery, "hpke");
  const { deepseek, qwen, yandex } = world.providerKeys;
  assert.deepEqual(await openHpke(body, device), { deepseek, qwen, yandex });
});

test("plain is what a provider list without a device key gets: objects, and no time at the top", async () => {
  const body = await provisioned({ machine_id: freshMachine(), requested_providers: ["qwen", "mistral"] });
  assert.equal(body.delivery, "plain");
  assert.ok(!("expires_at" in body) && !("refresh_after" in body));
  assert.deepEqual(Object.keys(body.keys), ["mistral", "qwen"]);
  for (const [name, entry] of Object.entries(body.keys)) {
    assert.equal(entry.api_key, world.providerKeys[name]);
    assertTimes(entry);
  }
});

test("a delivery that is named outranks what the request implies", async () => {
  const device = await makeDevice();
  const machine_id = freshMachine();
  const request = { machine_id, client_public_key: device.publicKey, requested_providers: ["kimi"] };
  assert.equal((await provisioned({ ...request, delivery: "plain" })).delivery, "plain");
  const body = await provisioned({ ...request, delivery: "fernet" });
  assert.deepEqual(openFernet(body.keys, machine_id), { kimi: world.providerKeys.kimi });
});

test("unknown providers among known ones are left out with a notice", async () => {
  const body = await provisioned({
    machine_id: freshMachine(),
    requested_providers: ["kimi", "no-such", "openai"],
  });
  assert.deepEqual(Object.keys(body.keys), ["kimi"]);
  assert.deepEqual(
    body.notices.map(({ code }) => code),
    ["unknown_provider"],
  );
  assert.ok(!JSON.stringify(body.notices).includes("no-such"), "a client's own text is not repeated");
});

test("a provider that has no key is left out with a notice, and the others are delivered", async () => {
  const poorer = await openWorld({ vars: { KIMI_API_KEY: undefined, QWEN_API_KEY: undefined } });
  try {
    const { code } = await poorer.license();
    const { status, body, text } = await poorer.provision({
      license_id: code,
      machine_id: "m",
      delivery: "plain",
    });
    assert.equal(status, 200, text);
    assert.deepEqual(Object.keys(body.keys), ["deepseek", "mistral", "yandex", "zhipu"]);
    assert.deepEqual(Object.keys(body.key_versions), ["deepseek", "mistral", "yandex", "zhipu"]);
    assert.deepEqual(
      body.notices.map(({ code, provider }) => [code, provider]),
      [
        ["provider_unavailable", "kimi"],
        ["provider_unavailable", "qwen"],
      ],
    );
  } finally {
    await poorer.stop();
  }
});

test("a delivery that the licence's plan forbids is 403, named and implied, and the others work", async () => {
  const { id, code } = await world.license();
  const fernetOnly = 1;
  await world.db.prepare("UPDATE licenses SET deliveries = ? WHERE id = ?").bind(fernetOnly, id).run();
  const machine_id = freshMachine();
  const device = await makeDevice();
  for (const request of [
    { delivery: "plain" },
    { requested_providers: ["kimi"] },
    { client_public_key: device.publicKey },
  ]) {
    const answer = await world.provision({ license_id: code, machine_id, ...request });
    assertProblem(answer, 403, "delivery_forbidden");
    assert.equal(answer.body.keys, undefined);
  }
  assert.equal(await world.number("SELECT count(*) FROM machines WHERE license_id = ?", id), 0);
  assert.equal((await world.provision({ license_id: code, machine_id })).status, 200);
});

test("a provider that the licence's plan does not include is left out with a notice", async () => {
  const { id, code } = await world.license();
  const providersOfPlan = JSON.stringify(["deepseek", "mistral"]);
  await world.db.prepare("UPDATE licenses SET providers = ? WHERE id = ?").bind(providersOfPlan, id).run();
  const { body } = await world.provision({
    license_id: code,
    machine_id: freshMachine(),
    delivery: "plain",
    requested_providers: ["deepseek", "kimi"],
  });
  assert.deepEqual(Object.keys(body.keys), ["deepseek"]);
  assert.deepEqual(body.key_versions, { deepseek: 1 });
  assert.deepEqual(
    body.notices.map((notice) => [notice.code, notice.provider]),
    [["provider_not_in_plan", "kimi"]],
  );
});

test("times end with the licence, and a licence that ends soon is announced", async () => {
  const ends = new Date(Date.now() + 3 * daySeconds * 1000).toISOString().replace(/\.\d+Z/, "Z");
  const { code } = await world.license({ expires_at: ends });
  const { body } = await world.provision({ license_id: code, machine_id: "m" });
  assert.equal(body.expires_at, ends);
  assert.equal(body.refresh_after, ends);
  assert.deepEqual(
    body.notices.map(({ code: name }) => name),
    ["license_ending"],
  );
});

describe("the receipt, verified by jose against /.well-known/jwks.json", () => {
  test("names licence, machine, plan, versions, times, epoch and the build", async () => {
    const machine_id = freshMachine();
    const body = await provisioned({ machine_id });
    const claims = await readReceipt(body.receipt, jwks);
    assert.equal(claims.header.alg, "EdDSA");
    assert.equal(claims.header.kid, "s1");
    assert.equal(claims.license_id, license.id);
    assert.equal(claims.machine, machineClaim(machine_id));
    assert.equal(claims.plan, "pro");
    assert.deepEqual(claims.providers, providers);
    assert.deepEqual(claims.key_versions, body.key_versions);
    assert.equal(claims.exp, seconds(body.expires_at));
    assert.equal(claims.refresh_after, seconds(body.refresh_after));
    assert.equal(claims.grace_until, claims.exp + 30 * daySeconds);
    assert.equal(claims.exp - claims.iat, 30 * daySeconds);
    assert.equal(claims.epoch, 1);
    assert.equal(claims.cnf, undefined);
    assert.equal(claims.wasm, await wasmHash());
  });

  test("names the hash of the very file that runs", async () => {
    const wasm = await readFile(`${root}/build/wasm/latchkey.wasm`);
    assert.equal(
      (await world.fetch("/version")).body.wasm_sha256,
      createHash("sha256").update(wasm).digest("hex"),
    );
  });

  test("is bound to the device key where one was sent", async () => {
    const device = await makeDevice();
    const body = await provisioned({ machine_id: freshMachine(), client_public_key: device.publicKey });
    assert.equal((await readReceipt(body.receipt, jwks)).cnf.jkt, device.thumbprint);
  });

  test("is not verified once a byte of it has changed", async () => {
    const { receipt } = await provisioned({ machine_id: freshMachine() });
    const [header, payload, signature] = receipt.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url"));
    const longer = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 1 })).toString("base64url");
    await assert.rejects(readReceipt([header, longer, signature].join("."), jwks));
  });

  test("sent with the next request is accepted for its machine and licence alone", async () => {
    const machine_id = freshMachine();
    const { receipt } = await provisioned({ machine_id });
    assert.equal((await provisioned({ machine_id, receipt })).success, true);
    const other = await world.license();
    // The signature's first character: it always changes a bit, where the last byte of an Ed25519 S is often 0.
    const forged = receipt.replace(/(?<=\.)[^.](?=[^.]*$)/, (first) => (first === "A" ? "B" : "A"));
    assert.notEqual(forged, receipt);
    for (const request of [
      { license_id: license.code, machine_id: freshMachine(), receipt },
      { license_id: other.code, machine_id, receipt },
      { license_id: license.code, machine_id, receipt: forged },
      { license_id: license.code, machine_id, receipt: "not.a.receipt" },
    ]) {
      const refused = await world.provision(request);
      assert.equal(refused.status, 401, refused.text);
      assert.equal(refused.body.error, "invalid_license");
      assert.equal(refused.body.keys, undefined);
    }
    const reasons = await world.audit("reason = 'foreign_receipt'");
    assert.equal(reasons.length, 4);
  });
});

test("each grant is one audit row with the answer's request id, and says who and what", async () => {
  const machine_id = freshMachine();
  const answer = await world.provision(
    { license_id: license.code, machine_id, app_version: "9.9" },
    { "user-agent": "test/1" },
  );
  const rows = await world.audit("request_id = ?", answer.headers.get("x-request-id"));
  assert.equal(rows.length, 1);
  const [row] = rows;
  assert.deepEqual(
    [row.action, row.outcome, row.actor, row.license_id, row.user_agent, row.reason],
    ["provision.granted", "granted", "client", license.id, "test/1", null],
  );
  assert.deepEqual(JSON.parse(row.details), { app_version: "9.9", asn: 1136, delivery: "fernet", lat: 52, lon: 5 });
  assert.match(row.machine_hash, /^[\w-]{43}$/);
  assert.match(row.address_hash, /^[\w-]{43}$/);
});
