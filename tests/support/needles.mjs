// Finding secrets in bytes, however they are written.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const partBytes = 12;

// Needles: named secrets, each in every form in which it is looked for: as it is, in hex of both
// cases, in base64 and base64url at each of three alignments, and, because half a secret is one
// too, its first and last twelve bytes.
export class Needles {
  #needles = [];

  // add: `secret` is text or bytes. hint: how many of its first characters may be shown.
  add(name, secret, { hint = 0 } = {}) {
    const bytes = Buffer.from(secret);
    if (bytes.length < partBytes) throw new Error(`${name} is too short to be looked for`);
    for (const [form, needle] of formsOf(bytes)) this.#needles.push({ name, form, needle });
    if (bytes.length < 2 * partBytes) return;
    this.#needles.push({ name, form: "its end", needle: bytes.subarray(-partBytes) });
    if (hint === 0) this.#needles.push({ name, form: "its beginning", needle: bytes.subarray(0, partBytes) });
  }

  // found: what of it is in these bytes: ["deepseek key as hex", ...].
  found(haystack) {
    const bytes = Buffer.isBuffer(haystack) ? haystack : Buffer.from(haystack);
    return this.#needles
      .filter(({ needle }) => bytes.includes(needle))
      .map(({ name, form }) => `${name} as ${form}`);
  }
}

function formsOf(bytes) {
  const hex = bytes.toString("hex");
  const forms = [
    ["bytes", bytes],
    ["hex", Buffer.from(hex)],
    ["HEX", Buffer.from(hex.toUpperCase())],
  ];
  for (let before = 0; before < 3; before++) {
    for (const alphabet of ["base64", "base64url"]) {
      // Characters that depend on what stands before or after are cut off.
      const text = Buffer.concat([Buffer.alloc(before), bytes])
        .toString(alphabet)
        .replaceAll("=", "");
      const from = Math.ceil((before * 8) / 6);
      const to = Math.floor(((before + bytes.length) * 8) / 6);
      forms.push([`${alphabet} at ${before}`, Buffer.from(text.slice(from, to))]);
    }
  }
  return forms;
}

// filesUnder: path and bytes of every file of a directory.
export function* filesUnder(directory) {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    yield { path, bytes: readFileSync(path) };
  }
}
