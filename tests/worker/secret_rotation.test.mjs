// The service's own secrets change without anybody noticing: master and signing keys are added,
// promoted and dropped while old blobs and receipts are about.
import assert from "node:assert/strict";
import { createPrivateKey, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { SignJWT } from "jose";
import { openFernet, readReceipt } from "../support/client.mjs";
import { assertProblem, freshMachine, openWorld } from "../support/world.mjs";

const random32 = () => randomBytes(32).toString("base64");

let stateDir;
let world;
before(async () => {
  stateDir = mkdtempSync(join(tmpdir(), "latchkey-rotation-"));
  world = await openWorld({ stateDir });
});
after(async () => {
  await world.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

async function seated() {
  const { id, code } = await world.license({ holder: { name: "Ada", email: "ada@example.com" } });
  const request = { license_id: code, machine_id: freshMachine() };
  const answer = await world.provision(request);
  assert.equal(answer.status, 200, answer.text);
  return { id, request, receipt: answer.body.receipt };
}

const jwks = async () => (await world.fetch("/.well-known/jwks.json")).body;
const promote = (name, kid) => ({ [name]: `${kid}:${random32()},${world.secrets[name]}` });

test("a master key that is promoted seals what is new, and everything old still opens", async () => {
  const { id, request } = await seated();
  assert.equal(
    (await world.admin("PUT", "/admin/providers/kimi", { api_key: "sk-kimi-under-k1" })).status,
    200,
  );
  await world.restart({ secrets: promote("MASTER_KEY", "k2") });
  const { status, body, text } = await world.provision(request);
  assert.equal(status, 200, text);
  assert.equal(openFernet(body.keys, request.machine_id).kimi, "sk-kimi-under-k1");
  assert.deepEqual((await world.admin("GET", `/admin/licenses/${id}`)).body.holder, {
    name: "Ada",
    email: "ada@example.com",
  });
  assert.equal(
    (await world.admin("PUT", "/admin/providers/qwen", { api_key: "sk-qwen-under-k2" })).status,
    200,
  );
  const plain = (await world.provision({ ...request, delivery: "plain" })).body;
  assert.deepEqual(
    [plain.keys.kimi.api_key, plain.keys.qwen.api_key],
    ["sk-kimi-under-k1", "sk-qwen-under-k2"],
  );
});

test("a stored key that no master key opens is never a wrong key, and harms no other provider", async () => {
  const { code } = await world.license();
  const only = world.secrets.MASTER_KEY.split(",")[0];
  const both = world.secrets.MASTER_KEY;
  await world.restart({ secrets: { MASTER_KEY: only } });
  const answer = await world.provision({ license_id: code, machine_id: "m", delivery: "plain" });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(Object.keys(answer.body.keys), ["deepseek", "mistral", "qwen", "yandex", "zhipu"]);
  assert.equal(answer.body.keys.qwen.api_key, "sk-qwen-under-k2");
  assert.deepEqual(
    answer.body.notices.map((notice) => [notice.code, notice.provider]),
    [["provider_unavailable", "kimi"]],
  );
  await world.restart({ secrets: { MASTER_KEY: both } });
  const again = await world.provision({ license_id: code, machine_id: "m", delivery: "plain" });
  assert.equal(again.body.keys.kimi.api_key, "sk-kimi-under-k1");
});

describe("signing keys", () => {
  test("appended, then promoted, then dropped: receipts hold as long as their key is listed", async () => {
    const first = await seated();
    const old = world.secrets.SIGNING_KEY;
    const next = `s2:${random32()}`;
    const kids = async () => (await jwks()).keys.map(({ kid }) => kid).sort();

    await world.restart({ secrets: { SIGNING_KEY: `${old},${next}` } });
    assert.deepEqual(await kids(), ["s1", "s2"]);
    assert.equal((await readReceipt((await seated()).receipt, await jwks())).header.kid, "s1");

    await world.restart({ secrets: { SIGNING_KEY: `${next},${old}` } });
    assert.deepEqual(await kids(), ["s1", "s2"]);
    assert.equal((await readReceipt((await seated()).receipt, await jwks())).header.kid, "s2");
    assert.equal((await world.provision({ ...first.request, receipt: first.receipt })).status, 200);
    assert.equal((await world.receiptStatus(first.receipt)).status, 200);

    await world.restart({ secrets: { SIGNING_KEY: next } });
    assert.deepEqual(await kids(), ["s2"]);
    assertProblem(await world.receiptStatus(first.receipt), 401, "unauthorized");
    assertProblem(
      await world.provision({ ...first.request, receipt: first.receipt }),
      401,
      "invalid_license",
    );
    assert.equal(
      (await world.provision(first.request)).status,
      200,
      "without it the licence is as good as ever",
    );
    await world.restart({ secrets: { SIGNING_KEY: old } });
  });

  // sign: a receipt like `receipt`, with some claims changed, by this seed.
  async function sign(receipt, changes, { seed, header = {} }) {
    const pkcs8 = Buffer.concat([
      Buffer.from("302e020100300506032b657004220420", "hex"),
      Buffer.from(seed, "base64"),
    ]);
    const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
    const { header: old, ...claims } = await readReceipt(receipt, await jwks());
    return new SignJWT({ ...claims, ...changes }).setProtectedHeader({ ...old, ...header }).sign(key);
  }
  const ownSeed = () => world.secrets.SIGNING_KEY.slice("s1:".length);

  test("a receipt that has expired is ignored with a notice beside a good licence, and is worth nothing alone", async () => {
    const { request, receipt } = await seated();
    const past = Math.floor(Date.now() / 1000) - 60;
    const expired = await sign(
      receipt,
      { iat: past - 60, exp: past, refresh_after: past },
      { seed: ownSeed() },
    );
    const answer = await world.provision({ ...request, receipt: expired });
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.body.notices.some(({ code }) => code === "receipt_expired"));
    assertProblem(await world.receiptStatus(expired), 401, "unauthorized");
  });

  test("one that the service would have signed is accepted; by another key, kind or algorithm it is not", async () => {
    const { request, receipt } = await seated();
    const own = await sign(receipt, {}, { seed: ownSeed() });
    assert.equal((await world.receiptStatus(own)).status, 200);
    for (const [what, options] of [
      ["another key", { seed: random32() }],
      ["an unknown kid", { seed: ownSeed(), header: { kid: "s9" } }],
      ["another type", { seed: ownSeed(), header: { typ: "JWT" } }],
    ]) {
      const forged = await sign(receipt, {}, options);
      assertProblem(await world.receiptStatus(forged), 401, "unauthorized");
      const answer = await world.provision({ ...request, receipt: forged });
      assert.equal(answer.status, 401, what);
    }
    const [head, payload] = receipt.split(".");
    const shared = await new SignJWT(JSON.parse(Buffer.from(payload, "base64url")))
      .setProtectedHeader({ ...JSON.parse(Buffer.from(head, "base64url")), alg: "HS256" })
      .sign(Buffer.from((await jwks()).keys[0].x, "base64url"));
    assertProblem(await world.receiptStatus(shared), 401, "unauthorized");
  });
});

test("a new admin token is the only one that is right", async () => {
  const old = world.secrets.ADMIN_TOKEN;
  await world.restart({ secrets: { ADMIN_TOKEN: `lk_admin_${"7".repeat(40)}` } });
  assert.equal((await world.admin("GET", "/admin/config")).status, 200);
  const answer = await world.send("GET", "/admin/config", undefined, { authorization: `Bearer ${old}` });
  assertProblem(answer, 401, "unauthorized");
});
