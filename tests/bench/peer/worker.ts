// The plain peer: the same provision job as a good team would write it in TypeScript, with Hono,
// WebCrypto and npm packages, in one D1 batch. It is the benchmark's yardstick, so it is kept honest and
// as fast as it can plainly be.

import { Hono } from "hono";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { base64url } from "jose";
import {
  type Keys, type Secrets, deriveFernetKey, fernetTokens, hpkeSeal, indexHmac, loadKeys, open, seal,
  sha256Base64url, signReceipt,
} from "./crypto";
import { type License, type Limit, type Outcome, attemptProvision, keepFernetKey } from "./store";

interface Env extends Secrets {
  DB: D1Database;
  RATE_LIMIT_IP_PER_HOUR: string;
  RATE_LIMIT_LICENSE_PER_HOUR: string;
  DEEPSEEK_API_KEY?: string;
  KIMI_API_KEY?: string;
  MISTRAL_API_KEY?: string;
  QWEN_API_KEY?: string;
  YANDEX_API_KEY?: string;
  ZHIPU_API_KEY?: string;
}

type Delivery = "fernet" | "hpke" | "plain";

interface ProvisionInput {
  licenseCode: string;
  machineId: string;
  appVersion: string | null;
  providers: string[];
  delivery: Delivery;
  clientKey: Uint8Array<ArrayBuffer> | undefined;
}

const kProviders = ["deepseek", "kimi", "mistral", "qwen", "yandex", "zhipu"];
const kBodyBytesMax = 16 * 1024;
const kDayMs = 86_400_000;
const kKeysLifeMs = 30 * kDayMs;
const kRefreshMs = 7 * kDayMs;
const kGraceMs = 30 * kDayMs;

const app = new Hono<{ Bindings: Env }>();
type AppContext = Context<{ Bindings: Env }>;

function problem(c: AppContext, status: ContentfulStatusCode, error: string, message: string) {
  const body = { type: `urn:latchkey:${error}`, title: message, status, success: false, error, message };
  return c.body(JSON.stringify(body), status, { "content-type": "application/problem+json" });
}

function isPrintable(value: unknown, charsMax: number): value is string {
  if (typeof value !== "string" || value.length === 0 || value.length > charsMax) return false;
  return !/[\x00-\x1f\x7f]/.test(value);
}

// The checked request, or the text that says what is wrong with it.
function readInput(text: string): ProvisionInput | string {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text);
  } catch {
    return "the body is not JSON";
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) return "the body is not an object";
  const code = body.license_id ?? "-";
  if (!isPrintable(code, 254)) return "license_id must be 1 to 254 printable characters";
  if (!isPrintable(body.machine_id, 128)) return "machine_id must be 1 to 128 printable characters";
  const appVersion = body.app_version ?? null;
  if (appVersion !== null && !isPrintable(appVersion, 64)) return "app_version must be text";
  let providers = kProviders;
  const requested = body.requested_providers;
  if (requested !== undefined) {
    if (!Array.isArray(requested)) return "requested_providers must be a list";
    providers = kProviders.filter((name) => requested.includes(name));
    if (providers.length === 0) return "requested_providers names no known provider";
  }
  let clientKey: Uint8Array<ArrayBuffer> | undefined;
  if (body.client_public_key !== undefined) {
    if (!isPrintable(body.client_public_key, 64)) return "client_public_key must be base64url text";
    try {
      clientKey = base64url.decode(body.client_public_key) as Uint8Array<ArrayBuffer>;
    } catch {
      return "client_public_key must be base64url text";
    }
    if (clientKey.length !== 32) return "client_public_key must be 32 bytes";
  }
  const delivery = body.delivery ?? (clientKey ? "hpke" : requested ? "plain" : "fernet");
  if (delivery !== "fernet" && delivery !== "hpke" && delivery !== "plain") return "delivery is unknown";
  if (delivery === "hpke" && !clientKey) return "hpke needs a client_public_key";
  return {
    licenseCode: code.trim().toUpperCase(), machineId: body.machine_id,
    appVersion: appVersion as string | null, providers, delivery, clientKey,
  };
}

function setLimitHeaders(c: AppContext, limits: Limit[]) {
  if (limits.length === 0) return;
  c.header("RateLimit-Policy", limits.map((l) => `"${l.name}";q=${l.quota};w=3600`).join(", "));
  c.header("RateLimit", limits.map((l) => `"${l.name}";r=${l.left};t=${l.resetSeconds}`).join(", "));
}

function deny(c: AppContext, outcome: Outcome, nowMs: number) {
  const passed = outcome.limits.find((limit) => limit.passed);
  if (passed) {
    c.header("Retry-After", String(passed.resetSeconds));
    return problem(c, 429, "rate_limited", `the ${passed.name} limit is passed`);
  }
  const license = outcome.license;
  if (!license || license.status !== "active" || license.expires_at <= nowMs) {
    return problem(c, 401, "invalid_license", "the licence is unknown or not active");
  }
  return problem(c, 403, "machine_limit", "every seat of the licence is taken");
}

// What was granted, and to whom.
interface Grant {
  keys: Keys;
  input: ProvisionInput;
  license: License;
  machineHmac: string;
  sealedFernetKey: string | null;
  times: Times;
}

// The machine's Fernet key: kept sealed in its row, derived once.
async function fernetKey(db: D1Database, grant: Grant): Promise<Uint8Array> {
  const { keys, input, license, machineHmac, sealedFernetKey } = grant;
  const owner = `${license.id}/${machineHmac}`;
  if (sealedFernetKey !== null) return open(keys, owner, sealedFernetKey);
  const key = await deriveFernetKey(input.machineId);
  await keepFernetKey(db, license.id, machineHmac, await seal(keys, owner, key));
  return key;
}

const isoSeconds = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

interface Times {
  now: number;
  expires: number;
  refresh: number;
}

async function makeReceipt({ keys, input, license, times }: Grant, names: string[]) {
  const cnf = input.clientKey === undefined ? undefined : {
    jkt: await sha256Base64url(`{"crv":"X25519","kty":"OKP","x":"${base64url.encode(input.clientKey)}"}`),
  };
  return signReceipt(keys, {
    license_id: license.id,
    machine: await sha256Base64url(`latchkey/machine/v1${input.machineId}`),
    cnf,
    plan: license.plan,
    providers: names,
    key_versions: Object.fromEntries(names.map((name) => [name, 1])),
    iat: Math.floor(times.now / 1000),
    exp: Math.floor(times.expires / 1000),
    refresh_after: Math.floor(times.refresh / 1000),
    grace_until: Math.floor((times.expires + kGraceMs) / 1000),
    epoch: 0,
  });
}

async function deliver(env: Env, grant: Grant): Promise<Record<string, unknown>> {
  const { input, times } = grant;
  const values: [string, string][] = [];
  for (const name of input.providers) {
    const value = env[`${name.toUpperCase()}_API_KEY` as keyof Env] as string | undefined;
    if (value) values.push([name, value]);
  }
  const expires_at = isoSeconds(times.expires);
  const refresh_after = isoSeconds(times.refresh);
  const common = {
    success: true,
    delivery: input.delivery,
    key_versions: Object.fromEntries(values.map(([name]) => [name, 1])),
    notices: [],
    receipt: await makeReceipt(grant, values.map(([name]) => name)),
  };
  if (input.delivery === "plain") {
    const entries = values.map(([name, api_key]) => [name, { api_key, expires_at, refresh_after }]);
    return { ...common, keys: Object.fromEntries(entries) };
  }
  if (input.delivery === "hpke") {
    const { sealed, enc } = await hpkeSeal(input.clientKey!, values);
    const hpke = { kem: "DHKEM(X25519, HKDF-SHA256)", kdf: "HKDF-SHA256", aead: "AES-256-GCM", enc };
    return { ...common, keys: sealed, hpke, expires_at, refresh_after };
  }
  const key = await fernetKey(env.DB, grant);
  return { ...common, keys: await fernetTokens(key, values), expires_at, refresh_after };
}

app.post("/keys/provision", async (c) => {
  if (!c.req.header("content-type")?.startsWith("application/json")) {
    return problem(c, 415, "unsupported_media_type", "the body must be application/json");
  }
  const text = await c.req.text();
  if (text.length > kBodyBytesMax) return problem(c, 413, "body_too_large", "the body is too large");
  const input = readInput(text);
  if (typeof input === "string") return problem(c, 400, "invalid_request", input);

  const keys = await loadKeys(c.env);
  const address = c.req.header("cf-connecting-ip") ?? "";
  const [codeHmac, machineHmac, addressHmac] = await Promise.all([
    indexHmac(keys, "code", input.licenseCode),
    indexHmac(keys, "machine", input.machineId),
    indexHmac(keys, "address", address),
  ]);
  const nowMs = Date.now();
  const requestId = crypto.randomUUID();
  const outcome = await attemptProvision(c.env.DB, {
    codeHmac, machineHmac, addressHmac, requestId, nowMs,
    appVersion: input.appVersion,
    country: c.req.header("cf-ipcountry") ?? null,
    userAgent: c.req.header("user-agent") ?? null,
    ipLimit: Number(c.env.RATE_LIMIT_IP_PER_HOUR),
    licenseLimit: Number(c.env.RATE_LIMIT_LICENSE_PER_HOUR),
  });
  c.header("X-Request-Id", requestId);
  setLimitHeaders(c, outcome.limits);
  if (!outcome.seat || !outcome.license) return deny(c, outcome, nowMs);

  const license = outcome.license;
  const expires = Math.min(nowMs + kKeysLifeMs, license.expires_at);
  const times = { now: nowMs, expires, refresh: Math.min(nowMs + kRefreshMs, expires) };
  const sealedFernetKey = outcome.seat.fernet_key_sealed;
  const answer = await deliver(c.env, { keys, input, license, machineHmac, sealedFernetKey, times });
  c.header("Cache-Control", "no-store");
  return c.json(answer);
});

app.get("/.well-known/jwks.json", async (c) => {
  const keys = await loadKeys(c.env);
  return c.json({ keys: [keys.publicJwk] });
});

export default app;
