// Operations: what the core asks its host for. Each is performed in the context of the request
// that asked, and ends in a completion, never in an exception.
import { OpKind, OpStatus } from "./abi.gen.ts";
import type { Env } from "./env.ts";
import type { Memory } from "./memory.ts";

export interface Operation {
  readonly token: number;
  readonly kind: number;
  readonly payload: string | Uint8Array<ArrayBuffer>;
}

export interface Completion {
  readonly status: OpStatus;
  readonly bytes: Uint8Array;
}

const kvTimeoutMs = 5000;
const kvTtlSecondsMin = 60; // KV refuses to expire anything sooner.
const reasonLengthMax = 200;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const nothing = new Uint8Array(0);
const done: Completion = { status: OpStatus.ok, bytes: nothing };
const missing: Completion = { status: OpStatus.missing, bytes: nothing };
const tooLarge: Completion = { status: OpStatus.tooLarge, bytes: nothing };

// Copies an operation out of linear memory. Throws on a kind the ABI does not have.
export function readOperation(memory: Memory, token: number, kind: number, ptr: number, len: number): Operation {
  switch (kind) {
    case OpKind.dbBatch:
    case OpKind.kvGet:
    case OpKind.kvPut:
    case OpKind.kvDelete:
    case OpKind.kvList:
      return { token, kind, payload: memory.text(ptr, len) };
    case OpKind.readBody:
    case OpKind.derive:
    case OpKind.fetch:
      return { token, kind, payload: memory.copy(ptr, len) };
    default:
      throw new Error(`unknown operation ${kind}`);
  }
}

// Performs one operation. Without a request (scheduled work) the body is empty.
export async function perform(op: Operation, env: Env, request: Request | undefined): Promise<Completion> {
  try {
    return await start(op, env, request);
  } catch (error) {
    return { status: OpStatus.unavailable, bytes: encoder.encode(reasonOf(error)) };
  }
}

function start(op: Operation, env: Env, request: Request | undefined): Promise<Completion> {
  const { payload } = op;
  if (typeof payload !== "string") {
    switch (op.kind) {
      case OpKind.derive: return derive(payload);
      case OpKind.fetch: return fetchElsewhere(payload);
      default: return readBody(payload, request);
    }
  }
  switch (op.kind) {
    case OpKind.dbBatch: return dbBatch(env.DB, payload);
    case OpKind.kvGet: return kvGet(env.KV, payload);
    case OpKind.kvPut: return kvPut(env.KV, payload);
    case OpKind.kvList: return kvList(env.KV, payload);
    default: return kvDelete(env.KV, payload);
  }
}

async function readBody(payload: Uint8Array, request: Request | undefined): Promise<Completion> {
  const bytesMax = viewOf(payload).getUint32(0, true);
  if (!request) return done;
  const declared = request.headers.get("content-length");
  if (declared === null) return request.body ? readStream(request.body, bytesMax) : done;
  if (Number(declared) > bytesMax) return tooLarge;
  // The platform cuts a body at its declared length, so it can be read in one step.
  const bytes = new Uint8Array(await request.arrayBuffer());
  return bytes.length > bytesMax ? tooLarge : { status: OpStatus.ok, bytes };
}

async function readStream(stream: ReadableStream<Uint8Array>, bytesMax: number): Promise<Completion> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let len = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    len += chunk.value.length;
    chunks.push(chunk.value);
    if (len > bytesMax) {
      wipe(...chunks);
      reader.cancel().catch(() => {}); // The rest is of no interest, nor is how it ends.
      return tooLarge;
    }
  }
  const bytes = new Uint8Array(len);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  wipe(...chunks);
  return { status: OpStatus.ok, bytes };
}

interface Batch {
  readonly timeout_ms: number;
  readonly statements: readonly (readonly [sql: string, parameters: readonly unknown[]])[];
}

async function dbBatch(db: D1Database, payload: string): Promise<Completion> {
  const batch = JSON.parse(payload) as Batch;
  const statements = batch.statements.map(([sql, parameters]) => db.prepare(sql).bind(...parameters));
  const results = await within(batch.timeout_ms, db.batch(statements));
  const answer = results.map(({ results: rows, meta }) => ({
    rows,
    changes: meta.changes ?? 0,
    rows_read: meta.rows_read ?? 0,
    rows_written: meta.rows_written ?? 0,
  }));
  return { status: OpStatus.ok, bytes: encoder.encode(JSON.stringify(answer)) };
}

async function kvGet(kv: KVNamespace, payload: string): Promise<Completion> {
  const { key } = JSON.parse(payload) as { key: string };
  const value = await within(kvTimeoutMs, kv.get(key, "arrayBuffer"));
  return value === null ? missing : { status: OpStatus.ok, bytes: new Uint8Array(value) };
}

async function kvPut(kv: KVNamespace, payload: string): Promise<Completion> {
  const { key, value, ttl_seconds } = JSON.parse(payload) as { key: string; value: string; ttl_seconds: number };
  const options = ttl_seconds > 0 ? { expirationTtl: Math.max(ttl_seconds, kvTtlSecondsMin) } : {};
  await within(kvTimeoutMs, kv.put(key, value, options));
  return done;
}

async function kvDelete(kv: KVNamespace, payload: string): Promise<Completion> {
  const { key } = JSON.parse(payload) as { key: string };
  await within(kvTimeoutMs, kv.delete(key));
  return done;
}

async function kvList(kv: KVNamespace, payload: string): Promise<Completion> {
  const { keys } = await within(kvTimeoutMs, kv.list(JSON.parse(payload) as { prefix: string; limit: number }));
  return { status: OpStatus.ok, bytes: encoder.encode(JSON.stringify(keys.map(({ name }) => name))) };
}

// The password stays bytes, and the copy of it is wiped.
async function derive(payload: Uint8Array<ArrayBuffer>): Promise<Completion> {
  try {
    const view = viewOf(payload);
    const iterations = view.getUint32(0, true);
    const outLen = view.getUint32(4, true);
    const saltLen = view.getUint32(8, true);
    const salt = payload.subarray(12, 12 + saltLen);
    const passwordLen = view.getUint32(12 + saltLen, true);
    const password = payload.subarray(16 + saltLen, 16 + saltLen + passwordLen);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const algorithm = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
    const bits = await crypto.subtle.deriveBits(algorithm, key, outLen * 8);
    return { status: OpStatus.ok, bytes: new Uint8Array(bits) };
  } finally {
    wipe(payload);
  }
}

// The payload is wiped; of the strings made from it, which JavaScript cannot wipe, none is kept.
async function fetchElsewhere(payload: Uint8Array<ArrayBuffer>): Promise<Completion> {
  try {
    const frame = new FrameReader(payload);
    const timeoutMs = frame.u32();
    const bytesMax = frame.u32();
    const allowsHttp = frame.u32() === 1;
    const method = frame.string();
    const url = new URL(frame.string());
    const headers = new Headers();
    for (let left = frame.u32(); left > 0; left--) headers.append(frame.string(), frame.string());
    const body = frame.string();
    if (url.protocol !== "https:" && !(allowsHttp && url.protocol === "http:")) throw new Error("not an https URL");
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { method, headers, redirect: "manual", signal, ...(body && { body }) });
    const text = response.body ? await readUpTo(response.body, bytesMax) : nothing;
    const answer = new Uint8Array(8 + text.length);
    viewOf(answer).setUint32(0, response.status, true);
    viewOf(answer).setUint32(4, text.length, true);
    answer.set(text, 8);
    return { status: OpStatus.ok, bytes: answer };
  } finally {
    wipe(payload);
  }
}

// The first bytes of a stream; the rest is not read.
async function readUpTo(stream: ReadableStream<Uint8Array>, bytesMax: number): Promise<Uint8Array> {
  const reader = stream.getReader();
  const bytes = new Uint8Array(bytesMax);
  let len = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    const part = chunk.value.subarray(0, bytesMax - len);
    bytes.set(part, len);
    len += part.length;
    if (len < bytesMax) continue;
    reader.cancel().catch(() => {}); // The rest is of no interest, nor is how it ends.
    break;
  }
  return bytes.subarray(0, len);
}

// A payload frame of abi.h, read in order.
class FrameReader {
  #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  u32(): number {
    const value = viewOf(this.#bytes).getUint32(this.#at, true);
    this.#at += 4;
    return value;
  }

  string(): string {
    const len = this.u32();
    const text = decoder.decode(this.#bytes.subarray(this.#at, this.#at + len));
    this.#at += len;
    return text;
  }
}

// The result of `work`, or an error after timeout_ms. Late work is left to end by itself.
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function wipe(...secrets: Uint8Array[]): void {
  for (const bytes of secrets) bytes.fill(0);
}

// Text for the log. A type error of D1 quotes the value it got, so its message is left out.
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.includes("D1_TYPE_ERROR") ? "D1_TYPE_ERROR" : text.slice(0, reasonLengthMax);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
