// A whole Latchkey for one test file: the built Worker on workerd with a D1 and KV of its own,
// secrets that exist nowhere else, and short words for what tests do to it.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { makeAdminToken } from "../../scripts/lib/token.mjs";
import { root, start } from "./miniflare.mjs";

export const providers = ["deepseek", "kimi", "mistral", "qwen", "yandex", "zhipu"];

// freshSecrets: what scripts/start would make.
export function freshSecrets() {
  const random32 = () => randomBytes(32).toString("base64");
  return {
    ADMIN_TOKEN: makeAdminToken(),
    MASTER_KEY: `k1:${random32()}`,
    INDEX_KEY: random32(),
    SIGNING_KEY: `s1:${random32()}`,
    ...Object.fromEntries(
      providers.map((name) => [
        `${name.toUpperCase()}_API_KEY`,
        `sk-${name}-${randomBytes(12).toString("hex")}`,
      ]),
    ),
  };
}

let numAddresses = 0;

// freshAddress: a client address that no other test of this file counts against.
export function freshAddress() {
  numAddresses++;
  return `198.18.${numAddresses >> 8}.${numAddresses & 255}`;
}

export const freshMachine = () => randomBytes(16).toString("hex");

// openWorld: as start of scripts/lib/local.mjs, with fresh secrets and in development, because
// production refuses plain http. Gives its results and
//   secrets       the secrets it runs with
//   providerKeys  provider to key, as the secrets have them
//   admin(method, path, body, headers)  {status, headers, body, text} with the admin token
//   license(terms)                      a new licence: {id, code, ...}
//   provision(body, headers)            POST /keys/provision; a fresh address unless one is named
//   status(body, headers)               POST /keys/status, the same
//   receiptStatus(receipt, headers)     GET /keys/status
//   audit(where, ...values)             audit rows, oldest first
//   window(subject)                     {start, hits}: the start in seconds; undefined where none is
//   setHits(subject, hits)              as if it had asked so often in its window
//   hourPasses()                        every window ends
//   sync()                              fires cron, after which KV holds what D1 does
//   restart(changes)                    ends it and starts it on the same state (needs stateDir)
export async function openWorld(options = {}) {
  const secrets = { ...freshSecrets(), ...options.secrets };
  const vars = { ENVIRONMENT: "development", LOG_LEVEL: "info", KEY_CHECK_MINUTES: "0", ...options.vars };
  const world = new World({ ...options, vars, secrets });
  await world.begin();
  return world;
}

class World {
  #options;
  #worker;

  constructor(options) {
    this.#options = options;
  }

  async begin() {
    this.#worker = await start(this.#options);
  }

  get secrets() {
    return this.#options.secrets;
  }
  get url() {
    return this.#worker.url;
  }
  get db() {
    return this.#worker.db;
  }
  get kv() {
    return this.#worker.kv;
  }
  get logs() {
    return this.#worker.logs;
  }
  get providerKeys() {
    return Object.fromEntries(providers.map((name) => [name, this.secrets[`${name.toUpperCase()}_API_KEY`]]));
  }

  stop() {
    return this.#worker.stop();
  }

  async restart({ secrets, vars } = {}) {
    await this.stop();
    this.#options = {
      ...this.#options,
      secrets: { ...this.#options.secrets, ...secrets },
      vars: { ...this.#options.vars, ...vars },
    };
    await this.begin();
  }

  async fetch(path, init) {
    return answerOf(await this.#worker.fetch(path, init));
  }

  send(method, path, body, headers = {}) {
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const type = body === undefined ? {} : { "content-type": "application/json" };
    return this.fetch(path, {
      method,
      headers: { "cf-connecting-ip": freshAddress(), ...type, ...headers },
      body: text,
    });
  }

  admin(method, path, body, headers = {}) {
    return this.send(method, path, body, { authorization: `Bearer ${this.secrets.ADMIN_TOKEN}`, ...headers });
  }

  async license(terms = {}) {
    const { status, body, text } = await this.admin("POST", "/admin/licenses", terms);
    assert.equal(status, 201, text);
    return body.licenses[0];
  }

  provision(body, headers) {
    return this.send("POST", "/keys/provision", body, headers);
  }

  status(body, headers) {
    return this.send("POST", "/keys/status", body, headers);
  }

  receiptStatus(receipt, headers = {}) {
    return this.send("GET", "/keys/status", undefined, { authorization: `Bearer ${receipt}`, ...headers });
  }

  async audit(where = "1 = 1", ...values) {
    const sql = `SELECT * FROM audit_log WHERE ${where} ORDER BY seq`;
    return (
      await this.db
        .prepare(sql)
        .bind(...values)
        .all()
    ).results;
  }

  // number: the one number that a query gives.
  async number(sql, ...values) {
    return Object.values(
      await this.db
        .prepare(sql)
        .bind(...values)
        .first(),
    )[0];
  }

  // A window is one number: its start in seconds * 1,000,000 + its hits (d1/0001_init.sql).
  async window(subject) {
    const row = await this.db
      .prepare("SELECT window FROM rate_limits WHERE subject = ?")
      .bind(subject)
      .first();
    return row ? { start: Math.floor(row.window / 1e6), hits: row.window % 1e6 } : undefined;
  }

  async setHits(subject, hits) {
    const sql =
      "UPDATE rate_limits SET window = window - window % 1000000 + CAST(? AS INTEGER) WHERE subject = ?";
    assert.equal((await this.db.prepare(sql).bind(hits, subject).run()).meta.changes, 1);
  }

  async hourPasses() {
    await this.db.prepare("UPDATE rate_limits SET window = window - 3600 * 1000000").run();
  }

  async sync() {
    assert.equal(await this.#worker.scheduled(), "ok");
  }
}

async function answerOf(response) {
  const text = await response.text();
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { status: response.status, headers: response.headers, text, body };
}

// assertProblem: an RFC 9457 document with the members that the first clients read.
export function assertProblem(answer, status, error) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const { body } = answer;
  assert.equal(body.error, error, answer.text);
  assert.equal(body.success, false);
  assert.equal(body.status, status);
  assert.equal(typeof body.message, "string");
  assert.ok(body.message.length > 0);
  assert.equal(typeof body.title, "string");
  assert.match(body.type, /^(urn:|https:|about:blank)/);
  assert.equal(body.retryable, status === 429 || status === 503);
  if (status === 429 || status === 503) assert.match(answer.headers.get("retry-after"), /^[1-9]\d*$/);
  return body;
}

// wasmHash: SHA-256 of the core that the bundle holds, as scripts/build wrote it.
export async function wasmHash() {
  const { wasmSha256 } = await import(`${root}/build/wasm/build.js`);
  return wasmSha256;
}
