// The client module against a running service: what it answers opens, verifies and is proved, in every delivery, and from
// an outage; and libraries that share no code with it agree.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import * as independent from "../support/client.mjs";
import { failing } from "../support/failing.mjs";
import { freshMachine, openWorld, providers } from "../support/world.mjs";
import { loadClient, refuses } from "./support.mjs";

const day = 86_400_000;

let client;
let world;
let jwks;
before(async () => {
  client = await loadClient();
  world = await openWorld({ wrapper: failing, vars: { D1_TIMEOUT_MS: "500" } });
  jwks = await keys();
});
after(() => world?.stop());

const keys = async () => (await world.fetch("/.well-known/jwks.json")).body;
const texts = (opened) => Object.fromEntries([...opened].map(([name, secret]) => [name, secret.text()]));

// device: a licence, a machine, and a key.
async function device() {
  const { id, code } = await world.license();
  const deviceKey = client.generateDeviceKey();
  return { id, deviceKey, request: { license_id: code, machine_id: freshMachine(), client_public_key: deviceKey.publicKey } };
}
async function granted(request, headers) {
  const { status, body, text } = await world.provision(request, headers);
  assert.equal(status, 200, text);
  return body;
}

describe("an answer", () => {
  test("by hpke opens with the device's key, and with the key that was kept and brought back", async () => {
    const { deviceKey, request } = await device();
    const answer = await granted(request);
    assert.equal(answer.delivery, "hpke");
    const opened = client.openHpke(answer, deviceKey);
    assert.deepEqual([...opened.keys()], providers);
    assert.deepEqual(texts(opened), world.providerKeys);
    assert.deepEqual(texts(client.openHpke(answer, client.importDeviceKey(deviceKey.export()))), world.providerKeys);
    refuses("not_opened", () => client.openHpke(answer, client.generateDeviceKey()));
    const another = await granted(request);
    refuses("not_opened", () => client.openHpke({ ...answer, hpke: another.hpke }, deviceKey));
    refuses("not_opened", () => client.openHpke({ ...answer, keys: { ...answer.keys, kimi: another.keys.kimi } }, deviceKey));
  });

  test("by hpke for some providers opens, too", async () => {
    const { deviceKey, request } = await device();
    const answer = await granted({ ...request, requested_providers: ["qwen", "deepseek"] });
    const { deepseek, qwen } = world.providerKeys;
    assert.deepEqual(texts(client.openHpke(answer, deviceKey)), { deepseek, qwen });
  });

  test("by fernet opens with the machine's key, as other libraries derive it", async () => {
    const { request } = await device();
    const answer = await granted({ ...request, client_public_key: undefined, delivery: "fernet" });
    const key = client.deriveFernetKey(request.machine_id);
    assert.equal(Buffer.from(key.export()).toString(), independent.desktopFernetKey(request.machine_id));
    assert.deepEqual(texts(client.openFernet(answer, key, { maxAgeSeconds: 60 })), world.providerKeys);
    refuses("not_opened", () => client.openFernet(answer, key, { maxAgeSeconds: 60, now: Date.now() + day }));
    refuses("not_opened", () => client.openFernet(answer, client.deriveFernetKey(freshMachine())));
  });

  test("from an outage opens, and its receipt verifies", async () => {
    const { id, deviceKey, request } = await device();
    const { receipt } = await granted(request);
    const hpke = await granted({ ...request, receipt }, { "x-db": "dead" });
    assert.deepEqual(texts(client.openHpke(hpke, deviceKey)), world.providerKeys);
    const fernet = await granted({ ...request, receipt, client_public_key: undefined, delivery: "fernet" }, { "x-db": "dead" });
    assert.deepEqual(texts(client.openFernet(fernet, client.deriveFernetKey(request.machine_id))), world.providerKeys);
    for (const answer of [hpke, fernet]) {
      const options = { machineId: request.machine_id, licenseId: id, deviceKey };
      assert.equal(client.verifyReceipt(answer.receipt, jwks, options).standing, "fresh");
    }
  });
});

describe("a receipt", () => {
  test("says what another library reads, and permits what the page says", async () => {
    const { id, deviceKey, request } = await device();
    const answer = await granted(request);
    const options = { machineId: request.machine_id, licenseId: id, deviceKey };
    const verified = client.verifyReceipt(answer.receipt, jwks, options);
    const { header: _, ...claims } = await independent.readReceipt(answer.receipt, jwks);
    assert.deepEqual(verified.claims, claims);
    assert.equal(verified.claims.cnf.jkt, deviceKey.thumbprint);
    assert.equal(verified.standing, "fresh");
    const seconds = (date) => date.toISOString().replace(".000", "");
    assert.deepEqual([seconds(verified.refreshAfter), seconds(verified.expiresAt)], [answer.refresh_after, answer.expires_at]);

    const at = (days) => ({ ...options, now: Date.now() + days * day });
    assert.equal(client.verifyReceipt(answer.receipt, jwks, at(8)).standing, "refresh");
    assert.equal(client.verifyReceipt(answer.receipt, jwks, at(31)).standing, "grace");
    refuses("expired", () => client.verifyReceipt(answer.receipt, jwks, at(61)));
    refuses("clock_rolled_back", () => client.verifyReceipt(answer.receipt, jwks, at(-1)));
    const { lastSeen } = client.verifyReceipt(answer.receipt, jwks, at(8));
    refuses("clock_rolled_back", () => client.verifyReceipt(answer.receipt, jwks, { ...options, lastSeen }));
  });

  test("of another device or service is refused", async () => {
    const [mine, other] = [await device(), await device()];
    const { receipt } = await granted(mine.request);
    const options = { machineId: mine.request.machine_id };
    refuses("wrong_machine", () => client.verifyReceipt(receipt, jwks, { machineId: other.request.machine_id }));
    refuses("wrong_license", () => client.verifyReceipt(receipt, jwks, { ...options, licenseId: other.id }));
    refuses("wrong_device", () => client.verifyReceipt(receipt, jwks, { ...options, deviceKey: other.deviceKey }));
    const foreign = { keys: [{ ...jwks.keys[0], x: randomBytes(32).toString("base64url") }] };
    refuses("receipt_invalid", () => client.verifyReceipt(receipt, foreign, options));
  });
});

describe("the audit log", () => {
  const read = async (path) => {
    const { status, body, text } = await world.admin("GET", path);
    assert.equal(status, 200, text);
    return body;
  };
  const sign = async () => (await world.admin("POST", "/admin/audit/checkpoint")).body;
  // heads: a checkpoint, as the module reads it with keys out of the JWKS.
  const opened = ({ note, name }) => client.verifyCheckpoint(note, client.logKeys(name ?? note.split("\n")[0], jwks));

  test("has heads, records and a past that the module proves", async () => {
    const older = opened(await sign());
    for (let i = 0; i < 5; i++) await world.license();
    const head = await sign();
    const newest = client.verifyCheckpoint(head.note, head.key);
    assert.deepEqual(newest, opened(head));
    assert.deepEqual([newest.size, newest.root], [head.size, head.root]);
    assert.ok(newest.size > older.size && older.size > 0);
    for (let index = 0; index < newest.size; index++) {
      const { record, hashes: proof, size } = await read(`/admin/audit/proof/inclusion?leaf=${index}&size=${newest.size}`);
      const stands = { leaf: record, index, size, proof, root: newest.root };
      client.verifyInclusion(stands);
      refuses("not_proved", () => client.verifyInclusion({ ...stands, leaf: record.replace('"at":1', '"at":2') }));
      refuses("not_proved", () => client.verifyInclusion({ ...stands, root: older.root }));
    }
    const { hashes: proof } = await read(`/admin/audit/proof/consistency?from=${older.size}&to=${newest.size}`);
    const grew = { oldSize: older.size, oldRoot: older.root, size: newest.size, root: newest.root, proof };
    client.verifyConsistency(grew);
    refuses("not_proved", () => client.verifyConsistency({ ...grew, oldRoot: newest.root }));
  });
});
