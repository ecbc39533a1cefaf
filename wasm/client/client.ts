// The client module of Latchkey for browsers, Node and workers: docs/client.md.
//
// This file checks what it is handed, gives it types, and carries it into the module and out again. What is secret,
// signed or proved is judged inside, by the service's own code (calls.cc).

/**
 * Why something failed:
 * - `invalid_argument`: what was passed is of a wrong type or form; the message names it
 * - `not_opened`: sealed for another key or place, or changed on its way
 * - `receipt_invalid`: no receipt, or signed by none of the keys
 * - `wrong_machine`, `wrong_device`, `wrong_license`: a good receipt, of somebody else
 * - `expired`: the receipt's time of grace is over
 * - `clock_rolled_back`: the clock is behind what it, or the service, has shown before
 * - `checkpoint_invalid`: no checkpoint, or signed by none of the keys
 * - `not_proved`: the proof does not lead to the root
 * - `wiped`: the key or secret was wiped before
 * - `unavailable`: the module could not be loaded, or has ended on a fault
 */
export type ClientErrorCode =
  | "invalid_argument"
  | "not_opened"
  | "receipt_invalid"
  | "wrong_machine"
  | "wrong_device"
  | "wrong_license"
  | "expired"
  | "clock_rolled_back"
  | "checkpoint_invalid"
  | "not_proved"
  | "wiped"
  | "unavailable";

/** ClientError: what every function throws. Neither message nor cause holds a byte of a secret. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;
  constructor(code: ClientErrorCode, message: string) {
    super(message);
    this.name = "ClientError";
    this.code = code;
  }
}

// In the order of Outcome in calls.h.
const OUTCOMES: readonly [ClientErrorCode, string][] = [
  ["unavailable", ""],
  ["invalid_argument", "An argument is not of its form."],
  ["not_opened", "This was sealed for another key or place, or changed on its way."],
  ["receipt_invalid", "The receipt was not issued by the holder of these keys."],
  ["wrong_machine", "The receipt is another machine's."],
  ["wrong_device", "The receipt is bound to another device key."],
  ["wrong_license", "The receipt is another licence's."],
  ["expired", "The receipt's time of grace is over: provision again."],
  ["clock_rolled_back", "The clock is behind a time that was seen before: set it right."],
  ["checkpoint_invalid", "The checkpoint was not signed by a key of its log."],
  ["not_proved", "The proof does not lead to the root."],
];

// In the order of Call in calls.h.
const CALL = {
  makeDeviceKey: 0,
  publicKey: 1,
  desktopKey: 2,
  openHpke: 3,
  openFernet: 4,
  verifyReceipt: 5,
  judgeReceipt: 6,
  logKey: 7,
  verifyCheckpoint: 8,
  verifyInclusion: 9,
  verifyConsistency: 10,
} as const;

const NO_TTL = 0xffff_ffff_ffff_ffffn;
const FRAME_BYTES_MAX = 1_500_000;
const TIME_MS_MAX = 253_402_300_799_000;
const RANDOM_BYTES_MAX = 65_536; // of one getRandomValues

/** Provider to key, as an answer has it. */
export type SealedKeys = Readonly<Record<string, string>>;
export interface FernetAnswer {
  readonly keys: SealedKeys;
}
export interface HpkeAnswer {
  readonly keys: SealedKeys;
  readonly hpke: { readonly kem: number; readonly kdf: number; readonly aead: number; readonly enc: string };
}
export interface Jwks {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** The claims of a receipt; times in seconds since 1970. */
export interface ReceiptClaims {
  readonly license_id: string;
  readonly machine: string;
  readonly plan: string;
  readonly providers: readonly string[];
  readonly key_versions: Readonly<Record<string, number>>;
  readonly iat: number;
  readonly exp: number;
  readonly refresh_after: number;
  readonly grace_until: number;
  readonly epoch: number;
  readonly cnf?: { readonly jkt: string };
  readonly [claim: string]: unknown;
}

/**
 * What a good receipt permits: `fresh`: use the keys; `refresh`: use them and provision again in the background;
 * `grace`: provision before using them, and use them where there is no connection.
 */
export type Standing = "fresh" | "refresh" | "grace";
const STANDINGS: readonly Standing[] = ["fresh", "refresh", "grace"];

export interface VerifiedReceipt {
  readonly claims: ReceiptClaims;
  readonly standing: Standing;
  readonly refreshAfter: Date;
  readonly expiresAt: Date;
  readonly graceUntil: Date;
  /** The newest time seen, milliseconds since 1970: keep it, and pass it the next time. */
  readonly lastSeen: number;
}

export interface ReceiptOptions {
  /** As it was sent; the receipt must be this machine's. */
  readonly machineId: string;
  /** `lic_...`; left out, any licence will do. */
  readonly licenseId?: string | undefined;
  /** The device's key: a receipt that is bound to one must be bound to this. */
  readonly deviceKey?: DeviceKey | undefined;
  /** Now, as milliseconds since 1970 or a Date (default: the clock). */
  readonly now?: number | Date | undefined;
  /** The `lastSeen` of the receipt before (default: none). */
  readonly lastSeen?: number | Date | undefined;
}

export interface FernetOptions {
  /** Refuses tokens older than this, and such from the future. */
  readonly maxAgeSeconds?: number | undefined;
  readonly now?: number | Date | undefined;
}

/** Of a checkpoint that was signed. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** base64 */
  readonly root: string;
}

/** A hash: 32 bytes, or these in base64. */
export type Hash = string | Uint8Array;

export interface Inclusion {
  /** The record's exact line, without its line feed. */
  readonly leaf: string | Uint8Array;
  /** The record's number, from 0. */
  readonly index: number;
  /** Size and root of one checkpoint that was verified. */
  readonly size: number;
  readonly proof: readonly Hash[];
  readonly root: Hash;
}

/** Sizes and roots of two checkpoints that were verified. */
export interface Consistency {
  readonly oldSize: number;
  readonly oldRoot: Hash;
  readonly size: number;
  readonly root: Hash;
  readonly proof: readonly Hash[];
}

export type WasmSource = URL | string | BufferSource | WebAssembly.Module | Response | PromiseLike<Response>;

export interface LoadOptions {
  /** latchkey-client.wasm: where it is, or itself (default: beside this file). */
  readonly wasm?: WasmSource | undefined;
}

// The bytes of secrets, beside the objects that stand for them: nothing that prints, copies or serialises an object
// comes upon them.
const held = new WeakMap<object, Uint8Array>();

function bytesOf(holder: object): Uint8Array {
  const bytes = held.get(holder);
  if (bytes === undefined) throw new ClientError("wiped", "This key or secret was wiped, or is none of this module's.");
  return bytes;
}

class Holder {
  constructor(bytes: Uint8Array) {
    held.set(this, bytes);
  }
  /** Overwrites the bytes; any later use throws `wiped`. */
  wipe(): void {
    held.get(this)?.fill(0);
    held.delete(this);
  }
  toJSON(): string {
    return "[secret]";
  }
  toString(): string {
    return "[secret]";
  }
}

/** Secret: a provider's key. */
export class Secret extends Holder {
  /** The bytes themselves, no copy: `wipe` overwrites them here, too. */
  bytes(): Uint8Array {
    return bytesOf(this);
  }
  /** As text, for a header. JavaScript cannot wipe text: keep it no longer than the request. */
  text(): string {
    return new TextDecoder().decode(bytesOf(this));
  }
}

/** DeviceKey: the X25519 key pair for deliveries by `hpke`. */
export class DeviceKey extends Holder {
  /** What the request has as `client_public_key`. */
  readonly publicKey: string;
  /** RFC 7638, as a receipt's `cnf.jkt` names it. */
  readonly thumbprint: string;
  /** Made by `generateDeviceKey` and `importDeviceKey`. */
  constructor(bytes: Uint8Array, publicKey: string, thumbprint: string) {
    super(bytes);
    this.publicKey = publicKey;
    this.thumbprint = thumbprint;
  }
  /** A copy of the 32 private bytes, to keep where the system keeps secrets. Wipe it when it is stored. */
  export(): Uint8Array {
    return bytesOf(this).slice();
  }
}

/** FernetKey: a machine's key for deliveries by `fernet`. */
export class FernetKey extends Holder {
  /** A copy of the key as Fernet libraries take it: padded base64url. */
  export(): Uint8Array {
    return bytesOf(this).slice();
  }
}

/** OpenedKeys: provider to key. */
export class OpenedKeys extends Map<string, Secret> {
  /** Wipes every key. */
  wipe(): void {
    for (const secret of this.values()) secret.wipe();
    this.clear();
  }
}

function invalid(message: string): ClientError {
  return new ClientError("invalid_argument", message);
}

function object(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw invalid(`${name} must be an object.`);
  return value as Readonly<Record<string, unknown>>;
}

function text(value: unknown, name: string): string {
  if (typeof value !== "string" || !value.isWellFormed()) throw invalid(`${name} must be well-formed text.`);
  return value;
}

function whole(value: unknown, name: string): bigint {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw invalid(`${name} must be a whole number from 0.`);
  return BigInt(value as number);
}

function time(value: unknown, name: string): bigint {
  const ms = value instanceof Date ? value.getTime() : value;
  if (typeof ms !== "number" || !(ms >= 0 && ms <= TIME_MS_MAX)) {
    throw invalid(`${name} must be milliseconds since 1970, or a Date.`);
  }
  return BigInt(Math.floor(ms));
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`${name} must be a list.`);
  return value;
}

// hash: 32 bytes, or text that the module decodes.
function hash(value: unknown, name: string): string | Uint8Array {
  if (value instanceof Uint8Array && value.length === 32) return value;
  // Text of 32 bytes would be taken for the hash itself.
  const isText = typeof value === "string" && value.length !== 32 && /^[!-~]*$/.test(value);
  if (!isText) throw invalid(`${name} must be 32 bytes, or these in base64.`);
  return value;
}

// sealedKeys: entries in ascending order of name, in which they were sealed.
function sealedKeys(answer: unknown): [string, string][] {
  const entries = Object.entries(object(object(answer, "The answer")["keys"], "The answer's keys"));
  if (entries.length === 0) throw invalid("The answer has no keys.");
  const checked = entries.map(([name, sealed]): [string, string] => [
    text(name, "A provider's name"),
    text(sealed, `The key of ${name}`),
  ]);
  return checked.sort(([a], [b]) => (a < b ? -1 : 1));
}

// ed25519Keys: [kid, x] of the keys of a JWKS that can sign receipts; others are passed over.
function ed25519Keys(jwks: unknown): [string, string][] {
  const keys = list(object(jwks, "The JWKS")["keys"], "The JWKS's keys").flatMap((key): [string, string][] => {
    const { kty, crv, kid, x } = object(key, "A key of the JWKS");
    if (kty !== "OKP" || crv !== "Ed25519" || typeof kid !== "string" || typeof x !== "string") return [];
    return /^[A-Za-z0-9_-]{1,32}$/.test(kid) ? [[kid, x]] : [];
  });
  if (keys.length === 0) throw invalid("The JWKS has no Ed25519 key with a kid.");
  return keys;
}

function receiptClaims(payload: Uint8Array): ReceiptClaims {
  const broken = new ClientError("receipt_invalid", "The receipt lacks a claim.");
  let claims: Record<string, unknown>;
  try {
    claims = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    throw broken;
  }
  if (typeof claims !== "object" || claims === null) throw broken;
  const isText = ["license_id", "machine", "plan"].every((name) => typeof claims[name] === "string");
  const times = ["iat", "exp", "refresh_after", "grace_until", "epoch"];
  const isTimed = times.every((name) => Number.isSafeInteger(claims[name]) && (claims[name] as number) >= 0);
  const cnf = claims["cnf"] as { jkt?: unknown } | null | undefined;
  const isBound = cnf === undefined || typeof cnf?.jkt === "string";
  const versions = claims["key_versions"];
  const isGranted = Array.isArray(claims["providers"]) && typeof versions === "object" && versions !== null;
  if (!isText || !isTimed || !isBound || !isGranted) throw broken;
  return claims as unknown as ReceiptClaims;
}

type Part = string | Uint8Array | bigint;

// encode: a part's bytes, and whether they are a copy that has to be wiped.
function encode(part: Part): { bytes: Uint8Array; isCopy: boolean } {
  if (part instanceof Uint8Array) return { bytes: part, isCopy: false };
  if (typeof part === "string") return { bytes: new TextEncoder().encode(part), isCopy: true };
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, part, true);
  return { bytes, isCopy: false };
}

function writeFrame(frame: Uint8Array, parts: readonly { bytes: Uint8Array }[]): void {
  const view = new DataView(frame.buffer, frame.byteOffset);
  let at = 0;
  for (const { bytes } of parts) {
    view.setUint32(at, bytes.length, true);
    frame.set(bytes, at + 4);
    at += 4 + bytes.length;
  }
}

function readFrame(frame: Uint8Array): Uint8Array[] {
  const view = new DataView(frame.buffer, frame.byteOffset);
  const parts = [];
  for (let at = 0; at < frame.length; ) {
    const size = view.getUint32(at, true);
    parts.push(frame.slice(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return parts;
}

const asText = (part: Uint8Array | undefined): string => new TextDecoder().decode(part);
const asNumber = (part: Uint8Array | undefined): number =>
  part === undefined ? Number.NaN : Number(new DataView(part.buffer).getBigUint64(0, true));
const asBase64 = (part: Uint8Array | undefined): string => btoa(String.fromCharCode(...(part ?? [])));

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  latchkey_begin(size: number): number;
  latchkey_call(call: number): number;
  latchkey_results(): number;
  latchkey_results_size(): number;
  latchkey_end(): void;
}

/** LatchkeyClient: made by `loadClient`. Every function answers at once, and throws a ClientError. */
export class LatchkeyClient {
  #exports: Exports | undefined;

  constructor(exports: Exports) {
    this.#exports = exports;
  }

  /** A new key pair of this device. */
  generateDeviceKey(): DeviceKey {
    return this.#deviceKey(this.#one(CALL.makeDeviceKey, []));
  }

  /** The key pair of these 32 bytes, from `export`. They are copied: wipe yours. */
  importDeviceKey(bytes: Uint8Array): DeviceKey {
    if (!(bytes instanceof Uint8Array) || bytes.length !== 32) throw invalid("A device key must be 32 bytes.");
    return this.#deviceKey(new Uint8Array(bytes)); // Not slice: a Buffer's is no copy.
  }

  /** The key of a machine for deliveries by `fernet`, derived from its id: this takes a tenth of a second. */
  deriveFernetKey(machineId: string): FernetKey {
    return new FernetKey(this.#one(CALL.desktopKey, [text(machineId, "The machine id")]));
  }

  /** A Fernet key as libraries have it: padded base64url, as text or bytes. */
  importFernetKey(key: string | Uint8Array): FernetKey {
    const bytes = typeof key === "string" ? new TextEncoder().encode(key) : key;
    if (!(bytes instanceof Uint8Array) || bytes.length !== 44) throw invalid("A Fernet key must be 44 characters.");
    return new FernetKey(new Uint8Array(bytes));
  }

  /** Opens the keys of an answer with delivery `hpke`. */
  openHpke(answer: HpkeAnswer, deviceKey: DeviceKey, options: { readonly info?: string } = {}): OpenedKeys {
    const { kem, kdf, aead, enc } = object(object(answer, "The answer")["hpke"], "The answer's hpke");
    if (kem !== 0x20 || kdf !== 1 || aead !== 2) throw invalid("The answer is sealed by a suite that is not known here.");
    const keys = sealedKeys(answer);
    const info = text(options.info ?? "latchkey/provision/v1", "info");
    const parts = [privateBytes(deviceKey, DeviceKey, "deviceKey"), text(enc, "The answer's enc"), info];
    return opened(keys, this.#run(CALL.openHpke, [...parts, ...keys.flat()]));
  }

  /** Opens the keys of an answer with delivery `fernet`. */
  openFernet(answer: FernetAnswer, key: FernetKey, options: FernetOptions = {}): OpenedKeys {
    const keys = sealedKeys(answer);
    const age = options.maxAgeSeconds;
    const ttl = age === undefined ? NO_TTL : whole(age, "maxAgeSeconds");
    const parts = [privateBytes(key, FernetKey, "key"), time(options.now ?? Date.now(), "now") / 1000n, ttl];
    return opened(keys, this.#run(CALL.openFernet, [...parts, ...keys.map(([, token]) => token)]));
  }

  /**
   * What a receipt permits. It must be signed by a key of `jwks`, be this machine's (and device's, and licence's, where
   * they are given), and its grace must not be over; and the clock must not have been set back.
   */
  verifyReceipt(receipt: string, jwks: Jwks, options: ReceiptOptions): VerifiedReceipt {
    const { machineId, licenseId = "", deviceKey } = object(options, "options") as unknown as ReceiptOptions;
    if (deviceKey !== undefined) privateBytes(deviceKey, DeviceKey, "deviceKey");
    const keys = ed25519Keys(jwks).flat();
    const payload = this.#one(CALL.verifyReceipt, [text(receipt, "The receipt"), ...keys]);
    const claims = receiptClaims(payload);
    const times = [claims.iat, claims.refresh_after, claims.exp, claims.grace_until].map(BigInt);
    const [standing, lastSeen] = this.#run(CALL.judgeReceipt, [
      text(machineId, "machineId"), claims.machine,
      deviceKey?.thumbprint ?? "", claims.cnf?.jkt ?? "",
      text(licenseId, "licenseId"), claims.license_id,
      ...times,
      time(options.now ?? Date.now(), "now"), time(options.lastSeen ?? 0, "lastSeen"),
    ]);
    return {
      claims,
      standing: STANDINGS[asNumber(standing)] as Standing,
      refreshAfter: new Date(claims.refresh_after * 1000),
      expiresAt: new Date(claims.exp * 1000),
      graceUntil: new Date(claims.grace_until * 1000),
      lastSeen: asNumber(lastSeen),
    };
  }

  /** The log's keys, as `verifyCheckpoint` takes them, from the service's JWKS. `origin` is the log's name. */
  logKeys(origin: string, jwks: Jwks): string[] {
    return ed25519Keys(jwks).map(([, x]) => asText(this.#one(CALL.logKey, [text(origin, "origin"), x])));
  }

  /** The head of an audit log, signed by one of its keys (`<name>+<id>+<base64>`). */
  verifyCheckpoint(note: string, keys: string | readonly string[]): Checkpoint {
    const vkeys = typeof keys === "string" ? [keys] : list(keys, "keys");
    if (vkeys.length === 0) throw invalid("keys must name a key.");
    const parts = [text(note, "The checkpoint"), ...vkeys.map((key) => text(key, "A key"))];
    const [origin, size, root] = this.#run(CALL.verifyCheckpoint, parts);
    return { origin: asText(origin), size: asNumber(size), root: asBase64(root) };
  }

  /** Throws unless the proof shows that the record stands in the log of this size and root. */
  verifyInclusion({ leaf, index, size, proof, root }: Inclusion): void {
    const record = leaf instanceof Uint8Array ? leaf : text(leaf, "leaf");
    const hashes = list(proof, "proof").map((one) => hash(one, "A hash of the proof"));
    const head = [whole(index, "index"), whole(size, "size"), hash(root, "root")];
    this.#run(CALL.verifyInclusion, [record, ...head, ...hashes]);
  }

  /** Throws unless the proof shows that the log of `size` begins with that of `oldSize`. */
  verifyConsistency({ oldSize, oldRoot, size, root, proof }: Consistency): void {
    const hashes = list(proof, "proof").map((one) => hash(one, "A hash of the proof"));
    const heads = [whole(oldSize, "oldSize"), hash(oldRoot, "oldRoot"), whole(size, "size"), hash(root, "root")];
    this.#run(CALL.verifyConsistency, [...heads, ...hashes]);
  }

  #deviceKey(bytes: Uint8Array): DeviceKey {
    const [publicKey, thumbprint] = this.#run(CALL.publicKey, [bytes]);
    return new DeviceKey(bytes, asText(publicKey), asText(thumbprint));
  }

  #one(call: number, parts: readonly Part[]): Uint8Array {
    const [part] = this.#run(call, parts);
    if (part === undefined) throw this.#fault();
    return part;
  }

  // #run: a call, with its arguments and results wiped from the module's memory when it ends.
  #run(call: number, parts: readonly Part[]): Uint8Array[] {
    const exports = this.#exports;
    if (exports === undefined) throw this.#fault();
    const encoded = parts.map(encode);
    const size = encoded.reduce((sum, { bytes }) => sum + 4 + bytes.length, 0);
    let outcome: number;
    let results: Uint8Array[];
    try {
      if (size > FRAME_BYTES_MAX) throw invalid(`The arguments are over ${FRAME_BYTES_MAX} bytes.`);
      try {
        const frame = exports.latchkey_begin(size) >>> 0;
        writeFrame(new Uint8Array(exports.memory.buffer, frame, size), encoded);
        outcome = exports.latchkey_call(call);
        const at = exports.latchkey_results() >>> 0;
        results = readFrame(new Uint8Array(exports.memory.buffer, at, exports.latchkey_results_size()));
        exports.latchkey_end();
      } catch {
        throw this.#fault();
      }
    } finally {
      for (const { bytes, isCopy } of encoded) if (isCopy) bytes.fill(0);
    }
    if (outcome === 0) return results;
    const [code, message] = OUTCOMES[outcome] ?? ["unavailable", "The module gave an outcome that is not known."];
    throw new ClientError(code, message);
  }

  // #fault: the module has trapped: nothing in it can be relied on any more.
  #fault(): ClientError {
    if (this.#exports !== undefined) new Uint8Array(this.#exports.memory.buffer).fill(0);
    this.#exports = undefined;
    return new ClientError("unavailable", "The module has ended on a fault: load it again.");
  }
}

function privateBytes<T extends Holder>(key: T, type: abstract new (...args: never[]) => T, name: string): Uint8Array {
  if (!(key instanceof type)) throw invalid(`${name} must be a ${type.name}.`);
  return bytesOf(key);
}

function opened(keys: readonly [string, string][], plaintexts: readonly Uint8Array[]): OpenedKeys {
  const all = new OpenedKeys();
  for (const [i, [name]] of keys.entries()) all.set(name, new Secret(plaintexts[i] as Uint8Array));
  return all;
}

// sourceOf: what WebAssembly instantiates. Node's fetch opens no files.
async function sourceOf(wasm: WasmSource): Promise<BufferSource | WebAssembly.Module> {
  const source = await wasm;
  if (source instanceof WebAssembly.Module || source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return source as BufferSource | WebAssembly.Module;
  }
  if (source instanceof URL || typeof source === "string") {
    const url = new URL(source, globalThis.location?.href ?? import.meta.url);
    if (url.protocol !== "file:") return sourceOf(fetch(url));
    type Node = { getBuiltinModule?(name: string): { readFileSync(url: URL): Uint8Array<ArrayBuffer> } };
    const node = (globalThis as { process?: Node }).process;
    if (!node?.getBuiltinModule) throw new Error("no files here: pass the module's bytes");
    return node.getBuiltinModule("node:fs").readFileSync(url);
  }
  if (typeof source?.arrayBuffer !== "function") throw invalid("wasm must be a URL, bytes, a module or a Response.");
  if (!source.ok) throw new Error(`HTTP ${source.status}`);
  return source.arrayBuffer();
}

/** Loads the module, once for a page or process. */
export async function loadClient({ wasm }: LoadOptions = {}): Promise<LatchkeyClient> {
  try {
    let memory: WebAssembly.Memory | undefined;
    const random = (at: number, size: number): void => {
      const out = new Uint8Array((memory as WebAssembly.Memory).buffer, at >>> 0, size);
      for (let i = 0; i < size; i += RANDOM_BYTES_MAX) crypto.getRandomValues(out.subarray(i, i + RANDOM_BYTES_MAX));
    };
    const source = await sourceOf(wasm ?? new URL("latchkey-client.wasm", import.meta.url));
    const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
    const instance = await WebAssembly.instantiate(module, { latchkey: { random } });
    const exports = instance.exports as unknown as Exports;
    memory = exports.memory;
    exports._initialize();
    return new LatchkeyClient(exports);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ClientError("unavailable", `The client module could not be loaded: ${reason}`);
  }
}
