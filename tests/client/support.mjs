// What the tests of the client module share: the built module, and its memory.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import assert from "node:assert/strict";
import { root } from "../support/miniflare.mjs";

const folder = join(root, "build/client");
if (!existsSync(join(folder, "latchkey-client.wasm"))) throw new Error("No client module: run scripts/build --client");

export const built = (name) => join(folder, name);
export const { ClientError, DeviceKey, FernetKey, loadClient, OpenedKeys, Secret } = await import(
  built("latchkey-client.js")
);

// loadWithMemory: a client, and the memory that it works in.
export async function loadWithMemory() {
  const { instantiate } = WebAssembly;
  let exports;
  WebAssembly.instantiate = async (...args) => {
    const instance = await instantiate(...args);
    exports = instance.exports;
    return instance;
  };
  try {
    return { client: await loadClient(), memory: exports.memory, exports };
  } finally {
    WebAssembly.instantiate = instantiate;
  }
}

// vectors: the blocks of docs/crypto-formats.md that are marked so.
export const vectors = Object.fromEntries(
  [...readFileSync(join(root, "docs/crypto-formats.md"), "utf8").matchAll(/^```json vector=(\w+)\n(.*?)^```$/gms)].map(
    ([, name, json]) => [name, JSON.parse(json)],
  ),
);

// records: of a file of tests/vectors, each an object of its fields in their text form; repeated ones are lists.
export function records(name) {
  const text = readFileSync(join(root, "tests/vectors", name), "utf8");
  return text.split(/\n\s*\n/).flatMap((block) => {
    const fields = {};
    for (const line of block.split("\n")) {
      const [, key, value] = /^(\w+) =\s?(.*)$/.exec(line) ?? [];
      if (key) (fields[key] ??= []).push(value);
    }
    return fields.kind ? [fields] : [];
  });
}
// bytes: hex, or text in quotes.
export const bytes = (value) =>
  value.startsWith('"') ? Buffer.from(value.slice(1, -1)) : Buffer.from(value, "hex");
export const one = (fields, name) => fields[name]?.[0];

// refuses: the call throws a ClientError with this code, and nothing else.
export function refuses(code, call, what = "") {
  let value;
  try {
    value = call();
  } catch (error) {
    assert.ok(error instanceof ClientError, `${what}: ${error.stack}`);
    assert.ok([code].flat().includes(error.code), `${what}: ${error.code}: ${error.message}`);
    return error;
  }
  return assert.fail(`${what}: gave ${JSON.stringify(value)}`);
}

// flipped: every copy of the bytes with one bit changed.
export function* flipped(good) {
  for (let bit = 0; bit < good.length * 8; bit++) {
    const bad = Buffer.from(good);
    bad[bit >> 3] ^= 1 << (bit & 7);
    yield { bit, bad };
  }
}

// changedTexts: every flipped bit of the text that leaves it text, every shorter text, and some longer ones.
export function* changedTexts(good) {
  for (const { bit, bad } of flipped(Buffer.from(good, "latin1"))) {
    yield { what: `bit ${bit}`, bad: bad.toString("latin1") };
  }
  for (let size = 0; size < good.length; size++) {
    yield { what: `cut to ${size}`, bad: good.slice(0, size) };
    yield { what: `cut in front to ${size}`, bad: good.slice(good.length - size) };
  }
  for (const more of ["A", "=", ".", " ", "\n", "AAAA", "\u0000"]) {
    yield { what: `with ${JSON.stringify(more)} behind`, bad: good + more };
    yield { what: `with ${JSON.stringify(more)} in front`, bad: more + good };
  }
}
