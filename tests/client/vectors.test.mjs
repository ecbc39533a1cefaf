// The module gives what the native core gives: the shared vectors and negatives run through the very objects that it is
// linked from, and again through its JavaScript, as far as that reaches.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { root } from "../support/miniflare.mjs";
import { built, bytes, loadClient, one, records, refuses, vectors } from "./support.mjs";

// Fewer checks than this mean that a file or a negative went missing.
const checksMin = 7900;
const seconds = 1000;

let client;
before(async () => {
  client = await loadClient();
});

test("every vector and every negative of the native tests holds as Emscripten compiles them", async () => {
  const env = { ...process.env, NODE_PATH: "/usr/share/nodejs" };
  const made = spawnSync("ninja", ["-C", join(root, "build/client"), "client_probe"], { encoding: "utf8", env });
  assert.equal(made.status, 0, `${made.stdout}${made.stderr}`);
  let memory;
  const random = (at, size) => crypto.getRandomValues(new Uint8Array(memory.buffer, at, size));
  const source = readFileSync(built("client_probe.wasm"));
  const stub = () => assert.fail("the probe called the outside");
  const wasi = new Proxy({}, { get: () => stub, has: () => true });
  const { instance } = await WebAssembly.instantiate(source, { latchkey: { random }, wasi_snapshot_preview1: wasi, env: wasi });
  const probe = instance.exports;
  memory = probe.memory;
  probe._initialize();
  let failures = probe.probe_negatives();
  const files = readdirSync(join(root, "tests/vectors")).filter((name) => name.endsWith(".txt"));
  assert.ok(files.length >= 11);
  for (const name of files) {
    const text = readFileSync(join(root, "tests/vectors", name));
    new Uint8Array(memory.buffer, probe.probe_text(text.length), text.length).set(text);
    failures += probe.probe_vectors();
  }
  const said = Buffer.from(memory.buffer, probe.probe_failures(), probe.probe_failures_size()).toString();
  assert.equal(failures, 0, said);
  assert.ok(probe.probe_checks() >= checksMin, `${probe.probe_checks()} checks`);
});

test("Fernet: every vector of the specification and of existing clients", () => {
  let count = 0;
  for (const record of records("fernet.txt").filter((fields) => one(fields, "kind") === "fernet_open")) {
    const key = client.importFernetKey(bytes(one(record, "key")));
    const options = {
      now: Number(one(record, "now")) * seconds,
      ...(record.ttl && { maxAgeSeconds: Number(one(record, "ttl")) }),
    };
    const token = bytes(one(record, "token")).toString();
    const open = () => client.openFernet({ keys: { p: token } }, key, options).get("p").bytes();
    if (one(record, "outcome") === "ok") assert.deepEqual(Buffer.from(open()), bytes(one(record, "plaintext")));
    else refuses("not_opened", open, token);
    count++;
  }
  assert.ok(count >= 25, `${count} vectors`);
});

test("Fernet keys of a wrong form are refused", () => {
  let count = 0;
  for (const record of records("fernet.txt").filter((fields) => one(fields, "kind") === "fernet_key")) {
    const open = () => {
      const key = client.importFernetKey(bytes(one(record, "key")).toString());
      return client.openFernet({ keys: { p: "x" } }, key);
    };
    refuses(one(record, "outcome") === "ok" ? "not_opened" : "invalid_argument", open, one(record, "key"));
    count++;
  }
  assert.ok(count >= 5, `${count} vectors`);
});

test("HPKE: the published vectors of our suite", () => {
  const ours = records("hpke.txt").filter((fields) => one(fields, "aead") === '"aes_256_gcm"');
  assert.ok(ours.length >= 1);
  for (const record of ours) {
    const key = client.importDeviceKey(bytes(one(record, "recipient_private_key")));
    assert.equal(key.publicKey, bytes(one(record, "recipient_public_key")).toString("base64url"));
    // The context's messages come in order; these are the ones that nothing stands between.
    const next = record.sequence.findIndex((number, i) => Number(number) !== i);
    const aads = record.aad.slice(0, next === -1 ? undefined : next).map((aad) => bytes(aad).toString());
    assert.ok(aads.length >= 3);
    const keys = Object.fromEntries(aads.map((aad, i) => [aad, bytes(record.ciphertext[i]).toString("base64url")]));
    const hpke = { kem: 32, kdf: 1, aead: 2, enc: bytes(one(record, "enc")).toString("base64url") };
    const opened = client.openHpke({ keys, hpke }, key, { info: bytes(one(record, "info")).toString() });
    aads.forEach((aad, i) => assert.deepEqual(Buffer.from(opened.get(aad).bytes()), bytes(record.plaintext[i])));
  }
});

test("HPKE: public keys of low order are refused as an encapsulated key, too", () => {
  const bad = records("hpke.txt").filter((f) => one(f, "kind") === "hpke_public_key" && one(f, "outcome") === "refused");
  assert.ok(bad.length >= 5);
  for (const record of bad) {
    const hpke = { kem: 32, kdf: 1, aead: 2, enc: bytes(one(record, "public_key")).toString("base64url") };
    const open = () => client.openHpke({ keys: { p: "A".repeat(40) }, hpke }, client.generateDeviceKey());
    refuses("not_opened", open, one(record, "public_key"));
  }
});

test("the vectors of the page on formats open", () => {
  const { fernet, hpke, receipt, audit_export: log } = vectors;
  const derived = client.deriveFernetKey(fernet.machine_id);
  assert.equal(Buffer.from(derived.export()).toString(), fernet.fernet_key);
  assert.equal(client.openFernet({ keys: { p: fernet.token } }, derived).get("p").text(), fernet.plaintext);

  const device = client.importDeviceKey(Buffer.from(hpke.private_key_hex, "hex"));
  assert.equal(device.publicKey, hpke.client_public_key);
  assert.equal(device.thumbprint, hpke.thumbprint);
  const answer = { keys: hpke.keys, hpke: { kem: 32, kdf: 1, aead: 2, enc: hpke.enc } };
  const opened = [...client.openHpke(answer, device)].map(([name, secret]) => [name, secret.text()]);
  assert.deepEqual(Object.fromEntries(opened), hpke.plaintexts);

  const jwks = { keys: [{ kty: "OKP", crv: "Ed25519", kid: "s1", x: receipt.public_key }] };
  const options = { machineId: receipt.machine_id, deviceKey: device, now: receipt.claims.iat * seconds };
  assert.deepEqual(client.verifyReceipt(receipt.receipt, jwks, options).claims, receipt.claims);

  const note = JSON.parse(log.lines[0]).checkpoint;
  const head = client.verifyCheckpoint(note, log.key);
  const [, size, root] = note.split("\n");
  assert.deepEqual(head, { origin: log.key.split("+")[0], size: Number(size), root });
  const older = client.verifyCheckpoint(JSON.parse(log.lines[3]).checkpoint, [log.key]);
  const { leaf: index, hashes: proof } = log.inclusion;
  client.verifyInclusion({ leaf: log.lines[2], index, size: head.size, proof, root: head.root });
  client.verifyConsistency({
    oldSize: older.size, oldRoot: older.root, size: head.size, root: head.root, proof: log.consistency.hashes,
  });
  assert.deepEqual(client.logKeys(head.origin, jwks), [log.key]);
});
