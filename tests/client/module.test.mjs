// The built module itself: how large it is, what it may reach, and what it leaves behind.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { root } from "../support/miniflare.mjs";
import { built, ClientError, DeviceKey, loadClient, loadWithMemory, refuses, Secret, vectors } from "./support.mjs";

const gzippedBytesMax = 150 * 1024;
const wasm = readFileSync(built("latchkey-client.wasm"));
const script = readFileSync(built("latchkey-client.js"), "utf8");
const { fernet, hpke: sealed, receipt } = vectors;
const answer = { keys: sealed.keys, hpke: { kem: 32, kdf: 1, aead: 2, enc: sealed.enc } };
const privateKey = Buffer.from(sealed.private_key_hex, "hex");

test("script and module are under 150 KB gzipped", (t) => {
  const sizes = [script, wasm].map((file) => gzipSync(file, { level: 9 }).length);
  t.diagnostic(`script ${sizes[0]}, module ${sizes[1]} bytes gzipped`);
  assert.ok(sizes[0] + sizes[1] < gzippedBytesMax, sizes.join(" + "));
});

test("the module can ask its host for random bytes and for nothing else", () => {
  const module = new WebAssembly.Module(wasm);
  const random = { module: "latchkey", name: "random", kind: "function" };
  assert.deepEqual(WebAssembly.Module.imports(module), [random]);
  const names = WebAssembly.Module.exports(module).map(({ name }) => name).filter((name) => name.startsWith("latchkey"));
  const abi = ["begin", "call", "end", "results", "results_size"].map((name) => `latchkey_${name}`);
  assert.deepEqual(names.sort(), abi);
});

test("the module does not say where it was built", () => {
  assert.ok(!wasm.includes(root) && !/\/(home|root|work|tmp|build)\//.test(wasm.toString("latin1")));
});

test("the script makes no code from text, so that a strict content policy lets it run", () => {
  assert.doesNotMatch(script, /\beval\s*\(|new Function|setTimeout\(\s*["'`]|\bimport\s*\(/);
  assert.doesNotMatch(script, /https?:\/\/(?!github)/);
});

test("it has a word for each outcome and a number for each call, as the header has them", () => {
  const header = readFileSync(`${root}/wasm/client/calls.h`, "utf8");
  const snake = (name) => name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).toLowerCase();
  const enumOf = (name) => {
    const [, body] = new RegExp(`enum class ${name} [^{]*\\{(.*?)\\};`, "s").exec(header);
    return [...body.matchAll(/k(\w+) = (\d+),/g)].map(([, word, number]) => [word, Number(number)]);
  };
  const outcomes = [...script.matchAll(/^ {4}\["([a-z_]+)", "/gm)].map(([, code]) => code);
  assert.ok(outcomes.length > 8);
  assert.deepEqual(enumOf("Outcome").slice(1).map(([word]) => snake(word)), outcomes.slice(1));
  const calls = [...script.matchAll(/^ {4}(\w+): (\d+),$/gm)].map(([, word, number]) => [word, Number(number)]);
  const lower = (word) => word[0].toLowerCase() + word.slice(1);
  assert.deepEqual(calls, enumOf("Call").map(([word, number]) => [lower(word), number]));
});

test("it loads from a URL, bytes, a module and a response, and says why where it does not", async () => {
  const url = new URL(`file://${built("latchkey-client.wasm")}`);
  const response = () => new Response(wasm, { headers: { "content-type": "application/wasm" } });
  const sources = [undefined, url, url.href, wasm, wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length),
    new WebAssembly.Module(wasm), response(), Promise.resolve(response())];
  for (const source of sources) {
    const client = await loadClient({ wasm: source });
    assert.equal(client.importDeviceKey(privateKey).publicKey, sealed.client_public_key);
  }
  const fails = async (code, source) => {
    await assert.rejects(loadClient({ wasm: source }), (error) => error instanceof ClientError && error.code === code);
  };
  await fails("unavailable", new URL("file:///nonexistent.wasm"));
  await fails("unavailable", wasm.subarray(0, 1000));
  await fails("unavailable", new Response("", { status: 404 }));
  await fails("invalid_argument", 5);
  await fails("invalid_argument", {});
});

test("no secret shows where an object is printed, copied, compared or serialised", async () => {
  const client = await loadClient();
  const device = client.importDeviceKey(privateKey);
  const opened = client.openHpke(answer, device);
  const key = client.importFernetKey(fernet.fernet_key);
  const needles = [sealed.private_key_hex, privateKey.toString("base64url"), privateKey.toString("base64"), fernet.fernet_key,
    ...Object.values(sealed.plaintexts), privateKey.join(","), [...privateKey].join(", ")];
  for (const holder of [device, key, opened, opened.get("qwen")]) {
    const shown = [JSON.stringify({ holder }), `${holder}`, inspect(holder, { showHidden: true, depth: 9 }), String(Object.entries(holder)),
      JSON.stringify(structuredClone({ ...holder })), inspect(Object.getOwnPropertyDescriptors(holder), { depth: 9 })];
    for (const text of shown) for (const needle of needles) assert.ok(!text.includes(needle), text);
  }
  for (const { message, stack } of [
    refuses("not_opened", () => client.openHpke(answer, client.generateDeviceKey())),
    refuses("invalid_argument", () => client.openFernet({ keys: { p: 5 } }, key)),
    refuses("wrong_machine", () => {
      const jwks = { keys: [{ kty: "OKP", crv: "Ed25519", kid: "s1", x: receipt.public_key }] };
      return client.verifyReceipt(receipt.receipt, jwks, { machineId: "another", now: receipt.claims.iat * 1000 });
    }),
  ]) {
    for (const needle of needles) assert.ok(!`${message}${stack}`.includes(needle));
  }
});

test("what was wiped is gone, and is refused by name", async () => {
  const client = await loadClient();
  const device = client.importDeviceKey(privateKey);
  const exported = device.export();
  assert.deepEqual(Buffer.from(exported), privateKey);
  exported.fill(0);
  assert.equal(client.openHpke(answer, device).get("qwen").text(), sealed.plaintexts.qwen, "an export is a copy");
  const opened = client.openHpke(answer, device);
  const secret = opened.get("qwen");
  const bytes = secret.bytes();
  opened.wipe();
  assert.equal(opened.size, 0);
  assert.ok(bytes.every((byte) => byte === 0));
  refuses("wiped", () => secret.text());
  device.wipe();
  device.wipe();
  refuses("wiped", () => client.openHpke(answer, device));
  refuses("wiped", () => device.export());
  const forged = Object.create(DeviceKey.prototype);
  refuses("wiped", () => client.openHpke(answer, forged));
  refuses("wiped", () => Object.create(Secret.prototype).bytes());
});

test("nothing secret stays in the module's memory when a call is over, also when it failed", async () => {
  const { client, memory } = await loadWithMemory();
  const machine = receipt.machine_id;
  const jwks = { keys: [{ kty: "OKP", crv: "Ed25519", kid: "s1", x: receipt.public_key }] };
  const key = Buffer.from(fernet.fernet_key, "base64url");
  const needles = {
    "private key": privateKey, "machine id": Buffer.from(machine), "fernet key": key,
    "its text": Buffer.from(fernet.fernet_key), "half of it": key.subarray(16), plaintext: Buffer.from("sk-test-"),
    sealed: Buffer.from(sealed.keys.qwen), token: Buffer.from(fernet.token), salt: Buffer.from(fernet.salt_hex, "hex"),
    claims: Buffer.from(receipt.claims.license_id),
  };
  const whole = () => Buffer.from(memory.buffer);
  // The search finds what is there.
  new Uint8Array(memory.buffer, 5_000_000, 32).set(privateKey);
  assert.ok(whole().includes(privateKey));
  new Uint8Array(memory.buffer, 5_000_000, 32).fill(0);
  const clean = (what) => {
    for (const [name, needle] of Object.entries(needles)) assert.ok(!whole().includes(needle), `${name} after ${what}`);
  };
  const device = client.importDeviceKey(privateKey);
  clean("importDeviceKey");
  client.openHpke(answer, device);
  clean("openHpke");
  refuses("not_opened", () => client.openHpke({ ...answer, keys: { deepseek: sealed.keys.deepseek, qwen: "AAAA" } }, device));
  clean("a failed openHpke");
  const derived = client.deriveFernetKey(machine);
  clean("deriveFernetKey");
  client.openFernet({ keys: { p: fernet.token } }, derived);
  clean("openFernet");
  refuses("not_opened", () => client.openFernet({ keys: { a: fernet.token, b: `A${fernet.token.slice(1)}` } }, derived));
  clean("a failed openFernet");
  const now = receipt.claims.iat * 1000;
  client.verifyReceipt(receipt.receipt, jwks, { machineId: machine, now });
  refuses("wrong_machine", () => client.verifyReceipt(receipt.receipt, jwks, { machineId: "another", now }));
  clean("verifyReceipt");
  const fresh = client.generateDeviceKey();
  const freshBytes = Buffer.from(fresh.export());
  assert.ok(!whole().includes(freshBytes));
});

test("thousands of calls need no more memory, and keys that are made differ", async () => {
  const { client, memory } = await loadWithMemory();
  const size = memory.buffer.byteLength;
  const seen = new Set();
  for (let i = 0; i < 2000; i++) seen.add(client.generateDeviceKey().publicKey);
  assert.equal(seen.size, 2000);
  const leaf = "x".repeat(1_000_000);
  for (let i = 0; i < 50; i++) {
    refuses("not_proved", () => client.verifyInclusion({ leaf, index: 0, size: 1, proof: [], root: "AAAA" }));
  }
  assert.equal(memory.buffer.byteLength, size);
});

test("after a fault the module is wiped and refuses, and a new one works", async () => {
  const { client, memory, exports } = await loadWithMemory();
  const device = client.importDeviceKey(privateKey);
  exports.latchkey_begin(8); // A call that never ended: the next one traps.
  refuses("unavailable", () => client.openHpke(answer, device));
  assert.ok(Buffer.from(memory.buffer).every((byte) => byte === 0));
  refuses("unavailable", () => client.generateDeviceKey());
  const again = await loadClient();
  assert.equal(again.openHpke(answer, device).size, 2);
});

test("a host without random bytes makes no key", async () => {
  const { getRandomValues } = crypto;
  const client = await loadClient();
  crypto.getRandomValues = () => {
    throw new Error("none");
  };
  try {
    refuses("unavailable", () => client.generateDeviceKey());
  } finally {
    crypto.getRandomValues = getRandomValues;
  }
});
