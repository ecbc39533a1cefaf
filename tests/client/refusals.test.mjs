// What the client module must not take: anything changed by one bit, cut, of another key, machine, device or licence,
// of another time; and arguments of a wrong type, which are told apart from bad signatures.
import assert from "node:assert/strict";
import { createPrivateKey, sign } from "node:crypto";
import { before, describe, test } from "node:test";
import { changedTexts, flipped, loadClient, refuses, vectors } from "./support.mjs";

let client;
before(async () => {
  client = await loadClient();
});

const iat = 1_767_225_600; // 2026-01-01
const day = 86_400;
const machineId = "0123456789abcdef0123456789abcdef";
const jwks = { keys: [{ kty: "OKP", crv: "Ed25519", kid: "s1", x: vectors.receipt.public_key }] };
const pkcs8 = Buffer.concat([
  Buffer.from("302e020100300506032b657004220420", "hex"),
  Buffer.from(vectors.receipt.signing_key.slice(3), "base64"),
]);
const signingKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });

const usual = {
  ...vectors.receipt.claims, iat, refresh_after: iat + 7 * day, exp: iat + 30 * day, grace_until: iat + 60 * day,
};
// receiptOf: signed as the service signs.
function receiptOf(claims, header = '{"alg":"EdDSA","kid":"s1","typ":"latchkey-receipt+jwt"}') {
  const payload = typeof claims === "string" ? claims : JSON.stringify(claims);
  const signed = [header, payload].map((part) => Buffer.from(part).toString("base64url")).join(".");
  return `${signed}.${sign(null, Buffer.from(signed), signingKey).toString("base64url")}`;
}
const verify = (receipt, options) => client.verifyReceipt(receipt, jwks, { machineId, now: iat * 1000, ...options });

describe("a receipt", () => {
  test("of any other form is refused", () => {
    const good = receiptOf(usual);
    assert.equal(verify(good).claims.license_id, usual.license_id);
    for (const { what, bad } of changedTexts(good)) refuses("receipt_invalid", () => verify(bad), what);
    for (const header of [
      '{"alg":"none","kid":"s1","typ":"latchkey-receipt+jwt"}', '{"alg":"HS256","kid":"s1","typ":"latchkey-receipt+jwt"}',
      '{"alg":"EdDSA","kid":"s1"}', '{"alg":"EdDSA","kid":"s1","typ":"JWT"}', '{"alg":"EdDSA","kid":"s2","typ":"latchkey-receipt+jwt"}',
      '{"kid":"s1","alg":"EdDSA","typ":"latchkey-receipt+jwt"}', '{ "alg":"EdDSA","kid":"s1","typ":"latchkey-receipt+jwt"}',
    ]) {
      refuses("receipt_invalid", () => verify(receiptOf(usual, header)), header);
    }
    refuses("receipt_invalid", () => verify("A".repeat(70_000)), "too long");
  });

  test("that was signed without its claims is refused", () => {
    const needed = ["license_id", "machine", "plan", "providers", "key_versions", "iat", "exp", "refresh_after", "grace_until", "epoch"];
    for (const name of needed) {
      for (const wrong of [undefined, null, {}, [], "1", -1, 1.5, 2 ** 53, true]) {
        const isRight = (name === "providers" && Array.isArray(wrong)) ||
          (name === "key_versions" && typeof wrong === "object" && wrong !== null) ||
          (["license_id", "plan"].includes(name) && wrong === "1");
        if (isRight) continue;
        const code = name === "machine" && wrong === "1" ? "wrong_machine" : "receipt_invalid";
        refuses(code, () => verify(receiptOf({ ...usual, [name]: wrong })), `${name} ${JSON.stringify(wrong)}`);
      }
    }
    for (const payload of ["", "null", "[]", "1", '"x"', "{}", '{"license_id":', "\ufeff{}"]) {
      refuses("receipt_invalid", () => verify(receiptOf(payload)), payload);
    }
    for (const cnf of [null, {}, { jkt: 1 }, "x"]) {
      refuses("receipt_invalid", () => verify(receiptOf({ ...usual, cnf })), JSON.stringify(cnf));
    }
    refuses("receipt_invalid", () => verify(receiptOf({ ...usual, grace_until: 253_402_300_800 })), "after 9999");
  });

  test("of another key is refused, also under a known kid; keys of other kinds are passed over", () => {
    const good = receiptOf(usual);
    const other = client.logKeys("x", jwks) && { ...jwks.keys[0], x: Buffer.alloc(32, 7).toString("base64url") };
    const options = { machineId, now: iat * 1000 };
    refuses("receipt_invalid", () => client.verifyReceipt(good, { keys: [other] }, options));
    refuses("receipt_invalid", () => client.verifyReceipt(good, { keys: [{ ...jwks.keys[0], kid: "s2" }] }, options));
    const odd = [
      { kty: "RSA", n: "x", kid: "s1" }, { kty: "OKP", crv: "X25519", x: "y", kid: "s1" },
      { kty: "OKP", crv: "Ed25519", kid: "a b", x: "z" },
    ];
    assert.equal(client.verifyReceipt(good, { keys: [...odd, ...jwks.keys] }, options).standing, "fresh");
    refuses("invalid_argument", () => client.verifyReceipt(good, { keys: odd }, options), "no usable key");
    for (const x of ["", "AAAA", `${jwks.keys[0].x}=`, `${jwks.keys[0].x}A`, "!".repeat(43)]) {
      refuses("invalid_argument", () => client.verifyReceipt(good, { keys: [{ ...jwks.keys[0], x }] }, options), x);
    }
  });

  test("of another machine, device or licence is refused", () => {
    const good = receiptOf(usual);
    const own = client.importDeviceKey(Buffer.from(vectors.hpke.private_key_hex, "hex"));
    assert.equal(verify(good, { licenseId: usual.license_id, deviceKey: own }).standing, "fresh");
    for (const id of ["", machineId.toUpperCase(), `${machineId} `, machineId.slice(1)]) {
      refuses("wrong_machine", () => verify(good, { machineId: id }), id);
    }
    refuses("wrong_license", () => verify(good, { licenseId: "lic_01jgfjjzy8000000000000000b" }));
    refuses("wrong_device", () => verify(good, { deviceKey: client.generateDeviceKey() }));
    const { cnf: _, ...unbound } = usual;
    assert.equal(verify(receiptOf(unbound), { deviceKey: own }).standing, "fresh");
  });

  test("permits less as time goes by, and in the end nothing", () => {
    const good = receiptOf(usual);
    const at = (seconds) => verify(good, { now: (iat + seconds) * 1000 });
    for (const [seconds, standing] of [
      [0, "fresh"], [7 * day - 1, "fresh"], [7 * day, "refresh"], [30 * day - 1, "refresh"], [30 * day, "grace"], [60 * day - 1, "grace"],
    ]) {
      assert.equal(at(seconds).standing, standing, `${seconds} s`);
    }
    refuses("expired", () => at(60 * day));
    refuses("expired", () => at(1000 * day));
    const verified = verify(good, { now: new Date((iat + 5) * 1000 + 999) });
    assert.equal(verified.lastSeen, (iat + 5) * 1000 + 999);
    const days = (date) => (date.getTime() / 1000 - iat) / day;
    assert.deepEqual([verified.refreshAfter, verified.expiresAt, verified.graceUntil].map(days), [7, 30, 60]);
  });

  test("is refused where the clock was set back, and gains nothing within the leeway", () => {
    const good = receiptOf(usual);
    const leeway = 300;
    // Before the service signed it.
    assert.equal(verify(good, { now: (iat - leeway) * 1000 }).lastSeen, iat * 1000);
    refuses("clock_rolled_back", () => verify(good, { now: (iat - leeway) * 1000 - 1 }));
    refuses("clock_rolled_back", () => verify(good, { now: 0 }));
    // Before what this client has seen.
    const seen = (iat + 20 * day) * 1000;
    refuses("clock_rolled_back", () => verify(good, { now: seen - leeway * 1000 - 1, lastSeen: seen }));
    assert.equal(verify(good, { now: seen - leeway * 1000, lastSeen: seen }).lastSeen, seen);
    assert.equal(verify(good, { now: seen + 1, lastSeen: new Date(seen) }).lastSeen, seen + 1);
    const end = (iat + 60 * day) * 1000;
    refuses("expired", () => verify(good, { now: end - 1, lastSeen: end }));
  });
});

describe("an hpke answer", () => {
  const { keys, enc } = vectors.hpke;
  const hpke = { kem: 32, kdf: 1, aead: 2, enc };
  let device;
  before(() => {
    device = client.importDeviceKey(Buffer.from(vectors.hpke.private_key_hex, "hex"));
  });
  const open = (changed, key = device) => client.openHpke({ keys, hpke, ...changed }, key);

  test("opens for nothing that differs by a bit or a byte", () => {
    assert.equal(open({}).get("qwen").text(), vectors.hpke.plaintexts.qwen);
    for (const name of Object.keys(keys)) {
      for (const { what, bad } of changedTexts(keys[name])) {
        refuses("not_opened", () => open({ keys: { ...keys, [name]: bad } }), `${name} ${what}`);
      }
      for (const { bit, bad } of flipped(Buffer.from(keys[name], "base64url"))) {
        refuses("not_opened", () => open({ keys: { ...keys, [name]: bad.toString("base64url") } }), `${name} bit ${bit}`);
      }
    }
    for (const { bit, bad } of flipped(Buffer.from(enc, "base64url"))) {
      refuses("not_opened", () => open({ hpke: { ...hpke, enc: bad.toString("base64url") } }), `enc bit ${bit}`);
    }
    for (const bad of ["", enc.slice(1), `${enc}A`, `${enc}=`, enc.slice(0, 42)]) {
      refuses("not_opened", () => open({ hpke: { ...hpke, enc: bad } }), bad);
    }
  });

  test("opens for no other key, provider, order or purpose", () => {
    refuses("not_opened", () => open({}, client.generateDeviceKey()));
    refuses("not_opened", () => open({ keys: { deepseek: keys.qwen, qwen: keys.deepseek } }), "exchanged");
    refuses("not_opened", () => open({ keys: { qwen: keys.qwen } }), "the second without the first");
    refuses("not_opened", () => open({ keys: { deepseeK: keys.deepseek } }));
    refuses("not_opened", () => client.openHpke({ keys, hpke }, device, { info: "latchkey/provision/v2" }));
    for (const other of [{ kem: 16 }, { kdf: 2 }, { aead: 1 }, { aead: "2" }]) {
      refuses("invalid_argument", () => open({ hpke: { ...hpke, ...other } }), JSON.stringify(other));
    }
  });
});

describe("a fernet answer", () => {
  const { token, fernet_key: text } = vectors.fernet;

  test("opens for nothing that differs, nor for another machine", () => {
    const key = client.importFernetKey(text);
    const open = (bad) => client.openFernet({ keys: { deepseek: bad } }, key);
    assert.equal(open(token).get("deepseek").text(), vectors.fernet.plaintext);
    for (const { what, bad } of changedTexts(token)) refuses("not_opened", () => open(bad), what);
    for (const { bit, bad } of flipped(Buffer.from(token, "base64url"))) {
      refuses("not_opened", () => open(bad.toString("base64").replaceAll("+", "-").replaceAll("/", "_")), `bit ${bit}`);
    }
    const other = client.deriveFernetKey(`${vectors.fernet.machine_id}0`);
    refuses("not_opened", () => client.openFernet({ keys: { deepseek: token } }, other));
    refuses("not_opened", () => client.openFernet({ keys: { a: token, b: "x" } }, key), "one of two");
  });

  test("is refused when it is too old, or from the future, where its age is asked for", () => {
    const key = client.importFernetKey(text);
    const made = vectors.fernet.time;
    const open = (seconds, maxAgeSeconds) =>
      client.openFernet({ keys: { p: token } }, key, { now: (made + seconds) * 1000, maxAgeSeconds }).size;
    assert.equal(open(1e6), 1);
    assert.equal(open(60, 60), 1);
    refuses("not_opened", () => open(61, 60));
    assert.equal(open(-60, 60), 1);
    refuses("not_opened", () => open(-61, 60));
  });
});

describe("a log", () => {
  const { lines, key, inclusion, consistency } = vectors.audit_export;
  const note = JSON.parse(lines[0]).checkpoint;
  const olderNote = JSON.parse(lines[3]).checkpoint;

  test("has no head but what a key of its own signed", () => {
    assert.equal(client.verifyCheckpoint(note, key).size, 3);
    // Every bit of the note as it is sent.
    for (const { bit, bad } of flipped(Buffer.from(note))) {
      const text = bad.toString();
      if (Buffer.from(text).equals(bad)) refuses("checkpoint_invalid", () => client.verifyCheckpoint(text, key), `bit ${bit}`);
    }
    for (let size = 0; size < note.length; size++) {
      refuses("checkpoint_invalid", () => client.verifyCheckpoint(note.slice(0, size), key), `cut to ${size}`);
    }
    for (const bad of [`${note}\n`, ` ${note}`, `${note}${note}`, note.replace("\n3\n", "\n03\n"), "x".repeat(5000)]) {
      refuses("checkpoint_invalid", () => client.verifyCheckpoint(bad, key), bad.slice(0, 30));
    }
    const stranger = { keys: [{ ...jwks.keys[0], x: Buffer.alloc(32, 7).toString("base64url") }] };
    const [other] = client.logKeys("api.writersfactory.app/audit", stranger);
    refuses("checkpoint_invalid", () => client.verifyCheckpoint(note, other));
    assert.equal(client.verifyCheckpoint(note, [other, key]).size, 3);
    const [renamed] = client.logKeys("other.example/audit", jwks);
    refuses("checkpoint_invalid", () => client.verifyCheckpoint(note, renamed));
    // Signed by a known key of another log's name: no head of this one.
    const moved = note.replace("api.writersfactory.app/audit\n", "other.example/audit\n");
    refuses("checkpoint_invalid", () => client.verifyCheckpoint(moved, [key, renamed]));
    for (let i = 0; i < key.length; i++) {
      const bad = key.slice(0, i) + (key[i] === "A" ? "B" : "A") + key.slice(i + 1);
      refuses(["invalid_argument", "checkpoint_invalid"], () => client.verifyCheckpoint(note, bad), bad);
    }
  });

  test("has no record and no past but what is proved", () => {
    const head = client.verifyCheckpoint(note, key);
    const older = client.verifyCheckpoint(olderNote, key);
    const { leaf: index, hashes: proof } = inclusion;
    const stands = { leaf: lines[2], index, size: 3, proof, root: head.root };
    client.verifyInclusion(stands);
    const raw = (text) => new Uint8Array(Buffer.from(text, "base64"));
    client.verifyInclusion({ ...stands, leaf: Buffer.from(lines[2]), root: raw(head.root), proof: proof.map(raw) });
    const grew = { oldSize: 2, oldRoot: older.root, size: 3, root: head.root, proof: consistency.hashes };
    client.verifyConsistency(grew);
    const wrong = (call, base, changed) => refuses("not_proved", () => call({ ...base, ...changed }), JSON.stringify(changed));
    const isIn = (args) => client.verifyInclusion(args), isGrown = (args) => client.verifyConsistency(args);
    for (const changed of [
      { leaf: `${lines[2]}\n` }, { leaf: "" }, { leaf: lines[1] }, { index: 0 }, { index: 2 }, { index: 3 },
      { size: 2 }, { size: 9 }, { size: 0 }, { index: 2 ** 53 - 1, size: 2 ** 53 - 1 }, { root: older.root }, { root: "" },
      { proof: [] }, { proof: [...proof, proof[0]] }, { proof: proof.toReversed() }, { proof: [proof[0], "AAAA"] },
      { proof: Array(65).fill(proof[0]) },
    ]) wrong(isIn, stands, changed);
    for (const changed of [
      { oldSize: 1 }, { oldSize: 0 }, { oldSize: 3 }, { size: 2 }, { size: 9 }, { oldRoot: head.root }, { root: older.root },
      { proof: [] }, { proof: [...consistency.hashes, proof[0]] },
    ]) wrong(isGrown, grew, changed);
    for (const { bit, bad } of flipped(Buffer.from(head.root, "base64"))) {
      refuses("not_proved", () => client.verifyInclusion({ ...stands, root: new Uint8Array(bad) }), `root bit ${bit}`);
      refuses("not_proved", () => client.verifyConsistency({ ...grew, root: new Uint8Array(bad) }), `root bit ${bit}`);
    }
    proof.forEach((one, at) => {
      for (const { bit, bad } of flipped(Buffer.from(one, "base64"))) {
        const changed = proof.with(at, new Uint8Array(bad));
        refuses("not_proved", () => client.verifyInclusion({ ...stands, proof: changed }), `${at} bit ${bit}`);
      }
    });
  });
});

test("arguments of a wrong type are named, whatever they are", () => {
  const device = client.generateDeviceKey();
  const fernet = client.importFernetKey(vectors.fernet.fernet_key);
  const hpke = { kem: 32, kdf: 1, aead: 2, enc: vectors.hpke.enc };
  const junk = [undefined, null, 0, 1n, true, "", "x", [], {}, () => {}, Symbol("s"), Number.NaN, new Uint8Array(3), new Date(Number.NaN)];
  const calls = {
    importDeviceKey: (any) => client.importDeviceKey(any),
    importFernetKey: (any) => client.importFernetKey(any),
    "openHpke's answer": (any) => client.openHpke(any, device),
    "openHpke's keys": (any) => client.openHpke({ keys: any, hpke }, device),
    "openHpke's hpke": (any) => client.openHpke({ keys: vectors.hpke.keys, hpke: any }, device),
    "openHpke's key": (any) => client.openHpke({ keys: vectors.hpke.keys, hpke }, any),
    "openFernet's answer": (any) => client.openFernet(any, fernet),
    "openFernet's key": (any) => client.openFernet({ keys: { p: vectors.fernet.token } }, any),
    "verifyReceipt's jwks": (any) => client.verifyReceipt("x", any, { machineId }),
    "verifyReceipt's options": (any) => client.verifyReceipt(receiptOf(usual), jwks, any),
    "verifyReceipt's now": (any) => verify(receiptOf(usual), { now: any ?? "" }),
    "verifyReceipt's lastSeen": (any) => verify(receiptOf(usual), { lastSeen: any === 0 ? -1 : any ?? "" }),
    "verifyReceipt's deviceKey": (any) => verify(receiptOf(usual), { deviceKey: any ?? "" }),
    "logKeys's jwks": (any) => client.logKeys("x", any),
    "verifyCheckpoint's keys": (any) => client.verifyCheckpoint("x", any),
    verifyInclusion: (any) => client.verifyInclusion({ leaf: any, index: 0, size: 1, proof: any, root: any }),
    "verifyInclusion's index": (any) =>
      client.verifyInclusion({ leaf: "x", index: any === 0 ? -1 : any, size: 1, proof: [], root: "AAAA" }),
    "verifyConsistency's proof": (any) => {
      const proof = any?.length === 0 ? 0 : any;
      return client.verifyConsistency({ oldSize: 1, oldRoot: "A", size: 1, root: "A", proof });
    },
  };
  for (const [name, call] of Object.entries(calls)) {
    for (const any of junk) {
      const isTime = name.endsWith("now") && any === 0;
      const code = isTime ? "clock_rolled_back" : "invalid_argument";
      const error = refuses(code, () => call(any), `${name}: ${String(any)}`);
      assert.ok(error.message.length > 10);
    }
  }
  for (const any of junk.filter((value) => typeof value !== "string")) {
    refuses("invalid_argument", () => client.deriveFernetKey(any));
    refuses("invalid_argument", () => client.verifyReceipt(any, jwks, { machineId }));
    refuses("invalid_argument", () => client.verifyCheckpoint(any, vectors.audit_export.key));
    refuses("invalid_argument", () => verify(receiptOf(usual), { machineId: any }));
    refuses("invalid_argument", () => client.openHpke({ keys: { p: any }, hpke }, device));
  }
  // Text that is as long as a hash is none.
  for (const root of ["x".repeat(32), "\u00e9".repeat(16), " ".repeat(44)]) {
    refuses("invalid_argument", () => client.verifyInclusion({ leaf: "x", index: 0, size: 1, proof: [], root }), root);
  }
  // Text that UTF-8 cannot hold would be another machine's.
  refuses("invalid_argument", () => client.deriveFernetKey("\ud800"));
  refuses("invalid_argument", () => client.verifyInclusion({ leaf: "x".repeat(1_600_000), index: 0, size: 1, proof: [], root: "A" }));
});
