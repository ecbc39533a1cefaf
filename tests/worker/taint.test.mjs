// No secret byte leaves but in the field that is meant for it: every route is driven with good and
// bad input, with D1 and KV well and failing, and then answers, logs, the files of D1 and KV, and
// the linear memory of the core are searched. Memory is searched when no request is in flight; the
// master, signing and index keys live there and only there.
import assert from "node:assert/strict";
import { createHash, pbkdf2Sync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { makeBackupKey } from "../../scripts/lib/backup_key.mjs";
import { makeDevice } from "../support/client.mjs";
import { Gumroad } from "../support/gumroad.mjs";
import { filesUnder, Needles } from "../support/needles.mjs";
import { Seller } from "../support/seller.mjs";
import { Stripe } from "../support/stripe.mjs";
import { alertRoutes } from "../support/taint_alerts.mjs";
import { queryRoutes } from "../support/taint_queries.mjs";
import { WebhookReceiver } from "../support/webhook_receiver.mjs";
import { freshAddress, freshSecrets, openWorld, providers } from "../support/world.mjs";

// The Worker, with bindings that fail as the header x-fail says, and two paths of the test's own:
// the linear memory of the newest instance, and how many requests it has in flight.
const wrapper = `
  import worker from "./index.js";
  const Real = WebAssembly.Instance;
  let newest;
  WebAssembly.Instance = function (...args) { return (newest = new Real(...args)); };
  const broken = (binding, names, how) => new Proxy(binding, {
    get(target, name) {
      const member = target[name];
      if (!names.includes(name)) return typeof member === "function" ? member.bind(target) : member;
      return async (...args) => {
        if (how === "slow") await new Promise((resolve) => setTimeout(resolve, 1500));
        if (how === "late" || how === "slow") {
          const result = await member.apply(target, args);
          if (how === "slow") return result;
        }
        throw new Error(String(name) + " failed");
      };
    },
  });
  export default {
    fetch(request, env, ctx) {
      const { pathname } = new URL(request.url);
      if (pathname === "/test/memory") return new Response(newest.exports.memory.buffer.slice(0));
      if (pathname === "/test/in-flight") return new Response(String(newest.exports.in_flight()));
      const fail = request.headers.get("x-fail") ?? "";
      const how = fail.includes("late") ? "late" : fail.includes("slow") ? "slow" : "dead";
      const DB = fail.includes("DB") ? broken(env.DB, ["batch"], how) : env.DB;
      const KV = fail.includes("KV") ? broken(env.KV, ["get", "put", "delete", "list"], how) : env.KV;
      return worker.fetch(request, { ...env, DB, KV }, ctx);
    },
    scheduled: worker.scheduled,
  };`;
const failures = [undefined, "DB", "DB late", "KV", "DB KV"];
const namedHint = "lk_admin_XXXX".length;
const receiptsMax = 10; // So many receipts are looked for.

const random = (chars) => randomBytes(chars).toString("base64url").replaceAll(/[-_]/g, "q").slice(0, chars);
const text = {
  machine: random(32),
  otherMachine: random(40),
  typedMachine: `${random(40)}\u0007`,
  email: `${random(20)}@${random(12)}.example`.toLowerCase(),
  trialEmail: `${random(20)}@trial.example`.toLowerCase(),
  simpleCode: random(24).toUpperCase(),
  holder: `${random(14)} ${random(14)}`,
  holderEmail: `${random(20)}@holder.example`.toLowerCase(),
  setKey: random(40),
  replacedKey: random(40),
  wrongToken: random(40),
  wrongCode: random(30).toUpperCase(),
  buyer: `${random(20)}@buyer.example`.toLowerCase(),
  backupKey: makeBackupKey(),
  urlToken: random(32),
};

let world;
let stripe;
let gumroad;
let seller;
let receiver;
let sale;
let stateDir;
let device;
let secrets; // What may be nowhere.
let atRest; // What an admin may see, and the database, the logs and idle memory may not hold.
let bearers; // What only an answer may hold, and not idle memory.
let rootKeys; // What only memory may hold.
let knownReceipt;
let named; // A named token with every scope: {id, token}.
const licenses = {};
const receipts = [];
const findings = [];

before(async () => {
  stateDir = mkdtempSync(join(tmpdir(), "latchkey-taint-"));
  const own = freshSecrets();
  for (const name of providers) own[`${name.toUpperCase()}_API_KEY`] = random(48);
  own.ADMIN_TOKEN = random(43);
  [stripe, gumroad, seller] = await Promise.all([Stripe.start(), Gumroad.start(), Seller.start()]);
  receiver = await WebhookReceiver.start();
  sale = gumroad.sell("pro=", text.buyer);
  Object.assign(own, stripe.secrets, gumroad.secrets, seller.secrets);
  world = await openWorld({
    stateDir,
    wrapper,
    cf: { country: "DE" },
    secrets: own,
    vars: {
      PROVIDER_BASE_URL_KIMI: "http://127.0.0.1:1",
      LOG_LEVEL: "debug",
      TRIAL_PLAN: "pro",
      ...stripe.vars,
      ...gumroad.vars,
      ...seller.vars,
      PAYMENT_PLANS: "stripe:plink_1=pro,gumroad:pro==pro",
    },
  });
  device = await makeDevice();

  secrets = new Needles();
  for (const name of providers) secrets.add(`${name} key`, own[`${name.toUpperCase()}_API_KEY`]);
  secrets.add("key that is set", text.setKey);
  secrets.add("key that is set next", text.replacedKey);
  secrets.add("key of a backup", text.backupKey, { hint: 12 });
  secrets.add("bytes of the key of a backup", Buffer.from(text.backupKey.slice(10, 53), "base64url"));
  secrets.add("admin token", own.ADMIN_TOKEN);
  secrets.add("wrong admin token", text.wrongToken);
  for (const name of Object.keys({ ...stripe.secrets, ...gumroad.secrets, ...seller.secrets })) secrets.add(name, own[name]);
  secrets.add("token in a webhook's URL", text.urlToken);
  secrets.add("simple code", text.simpleCode, { hint: 4 });
  secrets.add("wrong code", text.wrongCode);
  for (const name of ["machine", "otherMachine", "typedMachine"]) {
    secrets.add(name, text[name]);
    const salt = createHash("sha256")
      .update(`writers-factory-key-encryption-v1${text[name]}`)
      .digest()
      .subarray(0, 16);
    const key = pbkdf2Sync(text[name], salt, 100_000, 32, "sha256");
    secrets.add(`derived key of ${name}`, key);
    secrets.add(`signing half of ${name}`, key.subarray(0, 16));
    secrets.add(`encryption half of ${name}`, key.subarray(16));
  }
  atRest = new Needles();
  atRest.add("e-mail licence", text.email, { hint: 4 });
  atRest.add("trial's e-mail", text.trialEmail, { hint: 4 });
  atRest.add("holder", text.holder);
  atRest.add("buyer's e-mail", text.buyer);
  atRest.add("holder's e-mail", text.holderEmail);
  bearers = new Needles();
  rootKeys = new Needles();
  for (const [name, kid] of [
    ["MASTER_KEY", 3],
    ["SIGNING_KEY", 3],
    ["INDEX_KEY", 0],
  ]) {
    rootKeys.add(name, Buffer.from(own[name].slice(kid), "base64"));
  }
});
after(async () => {
  await world.stop();
  await Promise.all([stripe, gumroad, seller, receiver].map((server) => server.stop()));
  rmSync(stateDir, { recursive: true, force: true });
});

// look: remembers what of the secrets is in these bytes.
function look(where, bytes, ...needles) {
  for (const set of needles) for (const what of set.found(bytes)) findings.push(`${where}: ${what}`);
}

function report() {
  const found = findings.splice(0);
  assert.deepEqual([...new Set(found)], []);
}

// memory: linear memory without the long runs of zeros, which are most of it.
async function memory() {
  const response = await fetch(new URL("/test/memory", world.url));
  const bytes = Buffer.from(await response.arrayBuffer());
  const zeros = Buffer.alloc(1024);
  const kept = [];
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const block = bytes.subarray(at, at + zeros.length);
    if (!block.equals(zeros)) kept.push(block);
  }
  return Buffer.concat(kept);
}

async function idle() {
  const deadline = Date.now() + 10_000;
  while ((await world.fetch("/test/in-flight")).text !== "0") {
    if (Date.now() > deadline) throw new Error("requests stay in flight");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

// withoutMeant: the body without the fields that are meant to hold a secret.
function withoutMeant({ keys, code, ...rest }) {
  if (Array.isArray(keys)) rest.keys = keys; // The JWKS, which are public.
  delete rest.token;
  delete rest.secret;
  if (!rest.license_id?.startsWith("lic_")) delete rest.license_id; // The code of a trial.
  for (const list of ["licenses", "rows"]) {
    if (Array.isArray(rest[list])) rest[list] = rest[list].map(({ code: shownOnce, ...row }) => row);
  }
  return JSON.stringify(rest);
}

// ask: one request, whose answer is searched.
async function ask(method, path, body, headers = {}) {
  const answer = await world.send(method, path, body, headers);
  const failing = headers["x-fail"] ? ` (${headers["x-fail"]} failing)` : "";
  const shown = path.split("?")[0].replace(/(lic|mch|tok|pay|whk|msg|alr)_\w+/, "$1_").replace(/gumroad\/.*/, "gumroad/");
  const where = `${method} ${shown} ${answer.status}${failing}`;
  look(`${where} headers`, JSON.stringify([...answer.headers]), secrets, atRest, rootKeys);
  look(
    `${where} body`,
    answer.body === undefined ? answer.text : withoutMeant(answer.body),
    secrets,
    rootKeys,
  );
  if (!path.startsWith("/admin")) look(`${where} body`, withoutMeant(answer.body ?? {}), atRest);
  if (path === "/trials" && answer.body?.license_id?.startsWith("WF-")) {
    secrets.add("trial code", answer.body.license_id, { hint: 8 });
  }
  if (answer.body?.secret) secrets.add("webhook secret", answer.body.secret);
  if (answer.body?.token) secrets.add("named token", answer.body.token, { hint: namedHint });
  if (answer.body?.receipt) {
    receipts.push(answer.body.receipt);
    if (receipts.length <= receiptsMax) bearers.add("receipt", answer.body.receipt);
  }
  return answer;
}

const asNamed = (headers = {}) => ({ authorization: `Bearer ${named.token}`, ...headers });
const asAdmin = (headers = {}) => ({ authorization: `Bearer ${world.secrets.ADMIN_TOKEN}`, ...headers });

// The requests of each route: good ones, and bad ones that put secrets where they do not belong.
// Each is made anew for every kind of failure.
// looks: GETs by an admin, each path as it is or made when it is due.
const looks = (...paths) => (headers) =>
  paths.map((path) => () => ask("GET", typeof path === "function" ? path() : path, undefined, asAdmin(headers)));
const routes = {
  "POST /keys/provision": (headers) => {
    const good = { license_id: licenses.generated.code, machine_id: text.machine };
    const send = (body) => ask("POST", "/keys/provision", body, headers);
    return [
      () => send(good),
      // Known by its receipt, it is served from KV where D1 fails.
      () => send({ ...good, receipt: knownReceipt }),
      () => send({ ...good, receipt: knownReceipt, client_public_key: device.publicKey }),
      () => send({ ...good, delivery: "plain" }),
      () => send({ ...good, client_public_key: device.publicKey }),
      () => send({ ...good, license_id: text.email, receipt: receipts.at(-1) }),
      () => send({ ...good, license_id: ` ${text.email.toUpperCase()} ` }),
      () => send({ ...good, license_id: text.simpleCode, machine_id: text.otherMachine, app_version: "1.0" }),
      () => send({ ...good, license_id: text.wrongCode }),
      () => send({ ...good, license_id: licenses.revoked.code }),
      () => send({ ...good, license_id: licenses.full.code }),
      () => send({ ...good, machine_id: text.typedMachine }),
      () => send({ ...good, machine_id: text.machine.repeat(9) }),
      () => send({ machine_id: [text.machine], license_id: { code: licenses.generated.code } }),
      () => send({ ...good, delivery: text.simpleCode, app_version: text.simpleCode.repeat(9) }),
      () => send({ ...good, requested_providers: [text.machine, text.simpleCode] }),
      () => send({ ...good, requested_providers: ["kimi", text.machine] }),
      () => send({ ...good, receipt: text.simpleCode, client_public_key: text.machine }),
      () => send({ ...good, [text.machine]: 1, [licenses.generated.code]: { a: text.email } }),
      () => send(JSON.stringify(good).slice(0, -1)),
      () => send(JSON.stringify({ ...good, pad: text.machine.repeat(600) })),
      () => ask("POST", "/keys/provision", good, { ...headers, "content-type": "text/plain" }),
    ];
  },
  "POST /keys/status": (headers) => {
    const good = { license_id: licenses.generated.code, machine_id: text.machine };
    const send = (body) => ask("POST", "/keys/status", body, headers);
    return [
      () => send(good),
      () => send({ ...good, receipt: receipts.at(-1) }),
      () => send({ ...good, license_id: text.email, machine_id: text.otherMachine }),
      () => send({ ...good, license_id: text.wrongCode }),
      () => send({ ...good, machine_id: text.typedMachine }),
      () => send("{"),
    ];
  },
  "POST /machines/release": (headers) => {
    const good = { license_id: licenses.generated.code, machine_id: text.machine };
    const send = (body, more, query = "") => ask("POST", `/machines/release${query}`, body, { ...headers, ...more });
    const bearer = (token) => ({ authorization: `Bearer ${token}` });
    return [
      () => send(good, {}, "?dry_run=1"),
      () => send({ ...good, license_id: text.email, machine_id: text.otherMachine }),
      () => send({ machine_id: text.machine }, bearer(receipts.at(-1)), "?dry_run=1"),
      () => send(good, bearer(text.simpleCode)),
      () => send({ ...good, license_id: text.wrongCode, release_machine_id: text.simpleCode }),
      () => send({ ...good, release_machine_id: text.machine }),
      () => send({ ...good, machine_id: text.typedMachine, release_machine_id: text.email }),
      () => send({ ...good, release_machine_id: [text.machine] }, {}, `?dry_run=${text.simpleCode}`),
      () => send(good),
      () => send("{"),
    ];
  },
  "POST /usage/report": (headers) => {
    const event = { event_id: "t", provider: "kimi", model: text.machine, input_tokens: 1, output_tokens: 1, at: new Date().toISOString() };
    const good = { license_id: licenses.generated.code, machine_id: text.machine, events: [] };
    const send = (body, more) => ask("POST", "/usage/report", body, { ...headers, ...more });
    const bearer = (token) => ({ authorization: `Bearer ${token}` });
    return [
      () => send(good),
      () => send({ events: [] }, bearer(receipts.at(-1))),
      () => send({ ...good, license_id: text.wrongCode }),
      () => send({ ...good, license_id: text.email, machine_id: text.otherMachine }),
      () => send({ ...good, receipt: receipts.at(-1), machine_id: text.typedMachine }),
      () => send({ ...good, events: [{ ...event, model: "m", at: text.machine }, { ...event, event_id: 1, provider: text.simpleCode }] }),
      () => send({ events: text.machine }, bearer(text.simpleCode)),
      () => send("{"),
    ];
  },
  "GET /keys/status": (headers) => [
    ...receipts
      .slice(-2)
      .map(
        (receipt) => () =>
          ask("GET", "/keys/status", undefined, { ...headers, authorization: `Bearer ${receipt}` }),
      ),
    () => ask("GET", "/keys/status", undefined, { ...headers, authorization: `Bearer ${text.simpleCode}` }),
    () =>
      ask("GET", `/keys/status?license_id=${text.simpleCode}&machine_id=${text.machine}`, undefined, headers),
  ],
  "POST /trials": (headers) => {
    const send = (body) => ask("POST", "/trials", body, headers);
    return [
      () => send({ email: text.trialEmail }),
      () => send({ email: ` ${text.trialEmail.toUpperCase()}` }),
      () => send({ email: text.email }),
      () => send({ machine_id: text.machine }),
      () => send({ machine_id: text.machine }),
      () => send({ machine_id: text.typedMachine }),
      () => send({ email: text.simpleCode }),
      () => send({ email: text.trialEmail, machine_id: text.machine }),
      () => send(`{"email":"${text.trialEmail}"`),
    ];
  },
  "GET /health": (headers) => [() => ask("GET", "/health", undefined, headers)],
  "GET /ready": (headers) => [() => ask("GET", "/ready", undefined, headers)],
  "GET /version": (headers) => [() => ask("GET", "/version", undefined, headers)],
  "GET /openapi.json": (headers) => [() => ask("GET", "/openapi.json", undefined, headers)],
  "GET /.well-known/jwks.json": (headers) => [() => ask("GET", "/.well-known/jwks.json", undefined, headers)],
  "POST /admin/audit/checkpoint": (headers) => [
    () => ask("POST", "/admin/audit/checkpoint", {}, asAdmin(headers)),
    () => ask("POST", "/admin/audit/checkpoint", { size: text.machine }, asAdmin(headers)),
  ],
  "GET /admin/audit/checkpoint": looks(
    "/admin/audit/checkpoint",
    () => `/admin/audit/checkpoint?size=${encodeURIComponent(text.machine)}`,
  ),
  "GET /admin/audit/checkpoints": looks(
    "/admin/audit/checkpoints",
    () => `/admin/audit/checkpoints?cursor=${encodeURIComponent(text.machine)}`,
  ),
  "GET /admin/audit": looks(
    "/admin/audit?limit=500",
    () => `/admin/audit?license_id=${encodeURIComponent(text.simpleCode)}`,
  ),
  "GET /admin/audit/records": looks(
    "/admin/audit/records",
    () => `/admin/audit/records?after=${encodeURIComponent(text.machine)}`,
  ),
  "GET /admin/audit/proof/inclusion": looks(
    "/admin/audit/proof/inclusion?seq=1&size=2",
    () => `/admin/audit/proof/inclusion?seq=${encodeURIComponent(text.machine)}`,
  ),
  "GET /admin/audit/proof/consistency": looks(
    "/admin/audit/proof/consistency?from=1&to=2",
    () => `/admin/audit/proof/consistency?from=${encodeURIComponent(text.machine)}`,
  ),
  "POST /admin/backup": (headers) => [
    () => ask("POST", "/admin/backup", { key: text.backupKey }, asAdmin(headers)),
    async () => {
      const backup = await wholeBackup();
      const { line, previous, backup_id } = backup.at(1);
      const body = { key: text.backupKey, line, previous, backup_id, cursor: backup.at(0).next_cursor };
      return ask("POST", "/admin/backup", body, asAdmin(headers));
    },
    () => ask("POST", "/admin/backup", { key: `${text.backupKey}x`, cursor: text.backupKey }, asAdmin(headers)),
    () => ask("POST", "/admin/backup", { key: [text.backupKey], previous: text.machine }, asAdmin(headers)),
  ],
  "POST /admin/backup/verify": (headers) => [
    async () => {
      const body = { key: text.backupKey, ...lineOf((await wholeBackup()).at(1)) };
      return ask("POST", "/admin/backup/verify", body, asAdmin(headers));
    },
    async () => {
      const body = { key: text.backupKey, ...lineOf((await wholeBackup()).at(-1)), text: text.machine };
      return ask("POST", "/admin/backup/verify", body, asAdmin(headers));
    },
  ],
  // This database is not empty. What a restore does in one that is, tests/worker/backup.test.mjs shows; here one that
  // is done is begun again.
  "POST /admin/restore": (headers) => [
    async () => {
      const backup = await wholeBackup();
      const { backup_id, ...last } = lineOf(backup.at(-1));
      const body = { key: text.backupKey, header: backup[0].text, ...last };
      await ask("POST", "/admin/restore", body, asAdmin(headers));
      await world.db.prepare(`INSERT INTO restores (backup_id, state, line, line_hash, end_line, accepts_loss, index_lost,
        actor, begun_at) VALUES (?, 'done', 9, 'x', 9, 0, 0, 'x', 0) ON CONFLICT DO NOTHING`).bind(backup_id).run();
      return ask("POST", "/admin/restore", body, asAdmin(headers));
    },
    () => ask("POST", "/admin/restore", { key: text.backupKey, header: text.machine }, asAdmin(headers)),
  ],
  "POST /admin/restore/lines": (headers) => [
    async () => {
      const body = { key: text.backupKey, ...lineOf((await wholeBackup()).at(1)) };
      return ask("POST", "/admin/restore/lines", body, asAdmin(headers));
    },
    () => ask("POST", "/admin/restore/lines", { key: text.backupKey, text: text.machine }, asAdmin(headers)),
  ],
  "GET /admin/doctor": looks("/admin/doctor", () => `/admin/doctor?x=${text.machine}`),
  "GET /metrics": looks("/metrics", () => `/metrics?x=${text.simpleCode}`),
  "GET /admin/config": (headers) => [
    () => ask("GET", "/admin/config", undefined, asAdmin(headers)),
    () => ask("GET", "/admin/config", undefined, { ...headers, authorization: `Bearer ${text.wrongToken}` }),
    () =>
      ask("GET", "/admin/config", undefined, {
        ...headers,
        authorization: `Basic ${world.secrets.ADMIN_TOKEN}`,
      }),
  ],
  "GET /admin/licenses": (headers) => [
    () => ask("GET", "/admin/licenses?limit=500", undefined, asAdmin(headers)),
    () =>
      ask("GET", `/admin/licenses?holder=${encodeURIComponent(text.holder)}`, undefined, asAdmin(headers)),
    () =>
      ask(
        "GET",
        `/admin/licenses?cursor=${text.simpleCode}&status=${text.machine}&plan=${text.simpleCode}`,
        undefined,
        asAdmin(headers),
      ),
  ],
  "POST /admin/licenses": (headers) => {
    const send = (body) => ask("POST", "/admin/licenses", body, asAdmin(headers));
    const key = { "idempotency-key": random(20) };
    return [
      () => send({ holder: { name: text.holder, email: text.holderEmail }, note: "n" }),
      ...[1, 2].map(
        () => () =>
          ask("POST", "/admin/licenses", { holder: { name: text.holder } }, asNamed({ ...headers, ...key })),
      ),
      () => send({ code: text.simpleCode }),
      () =>
        send({
          code: `${text.simpleCode} !`,
          plan: text.machine.slice(0, 30),
          holder: { email: text.machine },
        }),
      () => send({ count: text.machine, expires_at: text.simpleCode }),
    ];
  },
  "POST /admin/licenses/import": (headers) => [
    () =>
      ask(
        "POST",
        "/admin/licenses/import",
        {
          rows: [
            { email: text.email },
            { code: text.simpleCode },
            { code: `${text.simpleCode} !` },
            { plan: text.simpleCode, holder_email: text.machine },
            {},
          ],
        },
        asAdmin(headers),
      ),
  ],
  "GET /admin/licenses/{license_id}": looks(
    () => `/admin/licenses/${licenses.generated.id}`,
    () => `/admin/licenses/${text.simpleCode}`,
  ),
  "PATCH /admin/licenses/{license_id}": (headers) => [
    () => ask("PATCH", `/admin/licenses/${licenses.spare.id}`, { max_machines: 40 }, asAdmin(headers)),
    () => ask("PATCH", `/admin/licenses/${licenses.spare.id}`, { providers: [text.machine] }, asAdmin(headers)),
    () => ask("PATCH", `/admin/licenses/${text.machine}`, { max_machines: text.machine }, asAdmin(headers)),
  ],
  "GET /admin/licenses/{license_id}/history": looks(
    () => `/admin/licenses/${licenses.spare.id}/history`,
    () => `/admin/licenses/${text.machine}/history`,
  ),
  "POST /admin/licenses/bulk": (headers) => [
    () => ask("POST", "/admin/licenses/bulk?dry_run=1", { filter: {}, act: "suspend" }, asAdmin(headers)),
    () =>
      ask(
        "POST",
        "/admin/licenses/bulk",
        { filter: { plan: text.machine }, act: "revoke", expected_count: 0 },
        asAdmin(headers),
      ),
    () => ask("POST", "/admin/licenses/bulk", { filter: { status: text.machine }, act: text.machine }, asAdmin(headers)),
  ],
  "GET /admin/prices": looks("/admin/prices", () => `/admin/prices?version=${text.machine}`),
  "PUT /admin/prices": (headers) => {
    const row = { provider: "kimi", model: "kimi-k2.5", effective_from: "2026-01-01", input: "1", output: "2" };
    return [
      () => ask("PUT", "/admin/prices", { rows: [row], note: "tainted" }, asAdmin(headers)),
      () => ask("PUT", "/admin/prices", { rows: [{ ...row, input: text.machine }] }, asAdmin(headers)),
      () => ask("PUT", "/admin/prices", { rows: [text.machine, { ...row, model: text.machine }] }, asAdmin(headers)),
    ];
  },
  "POST /admin/prices/reprice": (headers) => [
    () => ask("POST", "/admin/prices/reprice", {}, asAdmin(headers)),
    () => ask("POST", "/admin/prices/reprice", { cursor: text.machine }, asAdmin(headers)),
  ],
  "GET /admin/prices/unpriced": looks("/admin/prices/unpriced"),
  "GET /admin/prices/versions": looks("/admin/prices/versions", () => `/admin/prices/versions?cursor=${text.machine}`),
  "GET /admin/plans": looks("/admin/plans"),
  "GET /admin/plans/{plan}": looks("/admin/plans/pro", () => `/admin/plans/${text.machine}`),
  "PUT /admin/plans/{plan}": (headers) => [
    () =>
      ask(
        "PUT",
        "/admin/plans/tainted",
        { providers: ["kimi"], deliveries: ["hpke"], max_machines: 1 },
        asAdmin(headers),
      ),
    () => ask("PUT", "/admin/plans/tainted", { providers: [text.machine], models: text.machine }, asAdmin(headers)),
  ],
  "GET /admin/licenses/{license_id}/machines": looks(() => `/admin/licenses/${licenses.generated.id}/machines`),
  "GET /admin/licenses/{license_id}/anomaly": looks(() => `/admin/licenses/${licenses.generated.id}/anomaly`),
  "GET /admin/licenses/{license_id}/sharing": looks(() => `/admin/licenses/${licenses.generated.id}/sharing`),
  "POST /admin/licenses/{license_id}/sharing/clear": (headers) => [
    () => ask("POST", `/admin/licenses/${licenses.spare.id}/sharing/clear`, { ignore_days: 1 }, asAdmin(headers)),
    () => ask("POST", `/admin/licenses/${licenses.spare.id}/sharing/clear`, { ignore_days: text.machine }, asAdmin(headers)),
  ],
  "GET /admin/sharing": looks("/admin/sharing", () => `/admin/sharing?level=${encodeURIComponent(text.machine)}`),
  "POST /admin/licenses/{license_id}/suspend": (headers) => [
    () => ask("POST", `/admin/licenses/${licenses.spare.id}/suspend`, { reason: "unpaid" }, asAdmin(headers)),
    () =>
      ask(
        "POST",
        `/admin/licenses/${licenses.spare.id}/suspend`,
        { reason: `${text.holder} ${text.machine}` },
        asAdmin(headers),
      ),
  ],
  "POST /admin/licenses/{license_id}/reinstate": (headers) => [
    () => ask("POST", `/admin/licenses/${licenses.spare.id}/reinstate`, {}, asAdmin(headers)),
  ],
  "POST /admin/licenses/{license_id}/revoke": (headers) => [
    () => ask("POST", `/admin/licenses/${licenses.revoked.id}/revoke`, {}, asAdmin(headers)),
  ],
  "POST /admin/licenses/{license_id}/reissue": (headers) => [
    async () => {
      const answer = await ask("POST", `/admin/licenses/${licenses.spare.id}/reissue`, {}, asAdmin(headers));
      if (answer.status === 200) secrets.add("reissued code", answer.body.code, { hint: 8 });
      return answer;
    },
    () =>
      ask(
        "POST",
        `/admin/licenses/${licenses.spare.id}/reissue`,
        { code: text.simpleCode },
        asAdmin(headers),
      ),
  ],
  "GET /admin/machines": looks(
    "/admin/machines?limit=500",
    () => `/admin/machines?cursor=${text.simpleCode}&license=${text.machine}`,
  ),
  "GET /admin/machines/{machine_id}": looks(
    () => `/admin/machines/${licenses.machineId}`,
    () => `/admin/machines/${text.machine}`,
  ),
  "PATCH /admin/machines/{machine_id}": (headers) => [
    () => ask("PATCH", `/admin/machines/${licenses.machineId}`, { name: "desk" }, asAdmin(headers)),
    () => ask("PATCH", `/admin/machines/${text.machine}`, { name: text.machine.repeat(9) }, asAdmin(headers)),
    () => ask("PATCH", `/admin/machines/${licenses.machineId}`, { name: [text.machine] }, asAdmin(headers)),
  ],
  "POST /admin/machines/{machine_id}/release": (headers) => [
    () => ask("POST", `/admin/machines/${licenses.machineId}/release`, {}, asAdmin(headers)),
    () => ask("POST", `/admin/machines/${text.machine}/release`, {}, asAdmin(headers)),
  ],
  "GET /admin/tokens": (headers) => [
    () => ask("GET", "/admin/tokens?limit=500", undefined, asAdmin(headers)),
    () => ask("GET", "/admin/tokens", undefined, asNamed(headers)),
    () => ask("GET", `/admin/tokens?cursor=${named.token}`, undefined, asNamed(headers)),
  ],
  "POST /admin/tokens": (headers) => {
    const send = (body, more) => ask("POST", "/admin/tokens", body, asNamed({ ...headers, ...more }));
    const key = { "idempotency-key": random(20) };
    const terms = { name: random(12).toLowerCase(), scopes: ["licenses:read"] };
    return [
      () => send(terms, key),
      () => send(terms, key),
      () => send({ ...terms, name: named.token }),
      () => send({ name: "x", scopes: [named.token] }),
    ];
  },
  "GET /admin/tokens/bootstrap": (headers) => [
    () => ask("GET", "/admin/tokens/bootstrap", undefined, asNamed(headers)),
  ],
  "PUT /admin/tokens/bootstrap": (headers) => [
    () => ask("PUT", "/admin/tokens/bootstrap", { enabled: false }, asAdmin(headers)),
    () => ask("GET", "/admin/config", undefined, asAdmin(headers)).then(() => undefined),
    () => ask("PUT", "/admin/tokens/bootstrap", { enabled: true }, asNamed(headers)),
    () => ask("PUT", "/admin/tokens/bootstrap", { enabled: true }, asNamed()).then(() => undefined),
  ],
  "DELETE /admin/tokens/{token_id}": (headers) => [
    async () => {
      const terms = { name: random(12).toLowerCase(), scopes: ["licenses:read"] };
      const { id, token } = (await world.admin("POST", "/admin/tokens", terms)).body;
      secrets.add("revoked token", token, { hint: namedHint });
      const answer = await ask("DELETE", `/admin/tokens/${id}`, undefined, asNamed(headers));
      await ask("GET", "/admin/config", undefined, { ...headers, authorization: `Bearer ${token}` });
      return answer;
    },
    () => ask("DELETE", `/admin/tokens/${text.machine}`, undefined, asNamed(headers)),
  ],
  ...queryRoutes({ ask, asAdmin, looks, text, licenseId: () => licenses.generated.id }),
  ...alertRoutes({ ask, asAdmin, random, text, server: () => ({ world, receiver }) }),
  "GET /admin/master": looks("/admin/master"),
  "POST /admin/master/rewrap": (headers) => [
    () => ask("POST", "/admin/master/rewrap", {}, asAdmin(headers)),
    () => ask("POST", "/admin/master/rewrap", { cursor: text.machine }, asAdmin(headers)),
  ],
  "POST /hooks/stripe": (headers) => {
    const object = { id: `cs_${random(12)}`, mode: "payment", payment_status: "paid", payment_link: "plink_1" };
    const bought = { ...object, payment_intent: `pi_${random(12)}`, customer_details: { email: text.buyer } };
    const event = stripe.happen("checkout.session.completed", bought);
    const send = (body, signature) =>
      ask("POST", "/hooks/stripe", body, { ...headers, "stripe-signature": signature ?? stripe.sign(body) });
    const body = JSON.stringify(event);
    return [
      () => send(body),
      () => send(body),
      () => send(body.replace(text.buyer, text.machine)),
      () => send(JSON.stringify(text.buyer)),
      () => send(body, `t=${text.machine},v1=${text.machine}`),
    ];
  },
  "POST /hooks/gumroad/{secret}": (headers) => {
    const form = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    const fields = new URLSearchParams({ sale_id: sale.id, seller_id: gumroad.sellerId, email: text.buyer });
    const send = (body, secret = gumroad.hookSecret) => ask("POST", `/hooks/gumroad/${secret}`, body, form);
    return [
      () => send(fields.toString()),
      () => send(`${fields}&seller_id=${text.machine}`),
      () => send(`sale_id=${text.machine}&seller_id=${gumroad.sellerId}`),
      () => send(`seller_id=${text.buyer}`),
      () => send(fields.toString(), text.machine),
    ];
  },
  "GET /admin/payments": looks(
    "/admin/payments?limit=500",
    "/admin/payments?undelivered=1",
    () => `/admin/payments?outcome=${text.machine}&cursor=${text.machine}`,
  ),
  "GET /admin/payments/{payment_id}": (headers) => [
    async () => ask("GET", `/admin/payments/${await paymentId()}`, undefined, asAdmin(headers)),
    () => ask("GET", `/admin/payments/${text.machine}`, undefined, asAdmin(headers)),
  ],
  "POST /admin/payments/{payment_id}/redeliver": (headers) => [
    async () => ask("POST", `/admin/payments/${await paymentId()}/redeliver`, {}, asAdmin(headers)),
  ],
  "POST /admin/payments/{payment_id}/retry": (headers) => [
    async () => ask("POST", `/admin/payments/${await paymentId()}/retry`, {}, asAdmin(headers)),
  ],
  "POST /admin/payments/reconcile": (headers) => [
    () => ask("POST", "/admin/payments/reconcile", { days: 1 }, asAdmin(headers)),
    () => ask("POST", "/admin/payments/reconcile", { days: text.machine }, asAdmin(headers)),
  ],
  "GET /admin/usage": looks(
    "/admin/usage?by=day,model", () => `/admin/usage?model=${text.machine}&provider=${text.simpleCode}`,
    () => `/admin/usage?by=${text.machine}`,
  ),
  "GET /admin/usage/daily": looks(
    "/admin/usage/daily", () => `/admin/usage/daily?cursor=${text.machine}&license_id=${text.simpleCode}`,
  ),
  "GET /admin/usage/licenses": looks("/admin/usage/licenses", () => `/admin/usage/licenses?from=${text.machine}`),
  "GET /admin/usage/plans": looks("/admin/usage/plans", () => `/admin/usage/plans?month=${text.machine}`),
  "GET /admin/licenses/{license_id}/usage": looks(
    () => `/admin/licenses/${licenses.generated.id}/usage`, () => `/admin/licenses/${text.simpleCode}/usage`,
  ),
  "GET /admin/providers": looks("/admin/providers"),
  "PUT /admin/providers/{provider}": (headers) => [
    () => ask("PUT", "/admin/providers/qwen", { api_key: text.setKey }, asAdmin(headers)),
    () => ask("PUT", "/admin/providers/qwen", { api_key: text.replacedKey }, asAdmin(headers)),
    () => ask("PUT", "/admin/providers/nobody", { api_key: text.setKey }, asAdmin(headers)),
    () => ask("PUT", `/admin/providers/${text.setKey}`, { api_key: `${text.setKey}\n` }, asAdmin(headers)),
    () => ask("PUT", "/admin/providers/qwen", { api_key: [text.setKey], key: text.setKey }, asAdmin(headers)),
  ],
  "GET /admin/rotations": looks("/admin/rotations"),
  "POST /admin/rotations": (headers) => [
    () => ask("POST", "/admin/rotations", { provider: "kimi", api_key: text.setKey, emergency: true }, asAdmin(headers)),
    () => ask("POST", "/admin/rotations", { ...later, api_key: text.replacedKey }, asAdmin(headers)),
    () => ask("POST", "/admin/rotations", { provider: text.setKey, api_key: `${text.setKey} ` }, asAdmin(headers)),
  ],
  "GET /admin/rotations/{rotation_id}": (headers) => [
    async () => ask("GET", `/admin/rotations/${await rotationOf("kimi")}`, undefined, asAdmin(headers)),
  ],
  "POST /admin/rotations/{rotation_id}/verify": (headers) => rotationActs("verify", headers),
  "POST /admin/rotations/{rotation_id}/publish": (headers) => rotationActs("publish", headers),
  "POST /admin/rotations/{rotation_id}/cancel": (headers) => rotationActs("cancel", headers),
  "POST /admin/rotations/{rotation_id}/retire": (headers) => rotationActs("retire", headers),
};

// wholeBackup: all lines of one backup, made once: {backup_id, line, text, previous, ...}.
let backupLines;
async function wholeBackup() {
  if (backupLines) return backupLines;
  const post = async (body) => (await world.admin("POST", "/admin/backup", { key: text.backupKey, ...body })).body;
  const lines = [await post({})];
  while (lines.at(-1).next_cursor !== null) {
    const { backup_id, next_cursor: cursor, text: before } = lines.at(-1);
    const previous = createHash("sha256").update(before).digest("base64url");
    lines.push({ previous, ...(await post({ backup_id, cursor, line: lines.length, previous })) });
  }
  backupLines = lines;
  return lines;
}

const lineOf = ({ backup_id, line, previous, text: sealed }) => ({ backup_id, line, previous, text: sealed });

const later = { provider: "zhipu", verify: false, publish_at: "2030-01-01" };

async function paymentId() {
  const { body } = await ask("GET", "/admin/payments", undefined, asAdmin());
  return body?.data?.[0]?.id ?? "pay_none";
}

async function rotationOf(provider) {
  const { body } = await ask("GET", "/admin/rotations", undefined, asAdmin());
  return body?.data?.find((rotation) => rotation.provider === provider)?.id ?? "rot_none";
}

function rotationActs(act, headers) {
  const provider = act === "cancel" ? "zhipu" : "kimi";
  return [
    async () => ask("POST", `/admin/rotations/${await rotationOf(provider)}/${act}`, {}, asAdmin(headers)),
  ];
}

test("the search finds a secret however it is written", () => {
  const needles = new Needles();
  const secret = "a secret of these tests";
  needles.add("it", secret);
  const bytes = Buffer.from(secret);
  for (const written of [
    `x${secret}y`,
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    bytes.toString("base64"),
    Buffer.from(`a${secret}`).toString("base64url"),
    Buffer.from(`ab${secret}cd`).toString("base64"),
    Buffer.from(`abc${secret}c`).toString("base64url"),
  ]) {
    assert.equal(needles.found(written).length > 0, true, written);
  }
  assert.deepEqual(needles.found("another secret of those tests"), []);
});

test("set up: licences of each kind and state", async () => {
  for (const name of ["generated", "revoked", "full", "spare"]) {
    licenses[name] = await world.license(
      name === "full"
        ? { max_machines: 1 }
        : {
            max_machines: 50,
            holder: { name: text.holder, email: text.holderEmail },
          },
    );
    secrets.add(`${name} code`, licenses[name].code, { hint: 8 });
    secrets.add(`${name} code without its dashes`, licenses[name].code.replaceAll("-", "").slice(2), {
      hint: 8,
    });
  }
  named = (await world.admin("POST", "/admin/tokens", { name: "named", scopes: ["*"] })).body;
  secrets.add("named token", named.token, { hint: namedHint });
  await world.provision({ license_id: licenses.full.code, machine_id: "the one and only" });
  await world.provision({ license_id: licenses.spare.code, machine_id: "the one and only" });
  const { body } = await world.admin("GET", `/admin/licenses/${licenses.spare.id}/machines`);
  licenses.machineId = body.data[0].id;
  const known = { license_id: licenses.generated.code, machine_id: text.machine, delivery: "plain" };
  knownReceipt = (await ask("POST", "/keys/provision", known)).body.receipt;
  await world.license({ code: text.email });
  assert.equal((await ask("POST", "/admin/licenses", { code: text.simpleCode }, asAdmin())).status, 201);
});

test("memory holds a request's secrets while it is in flight: the search below can find", async () => {
  const request = { license_id: licenses.generated.code, machine_id: text.machine, delivery: "plain" };
  const pending = world.provision(request, { "x-fail": "DB slow" });
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.notEqual((await world.fetch("/test/in-flight")).text, "0");
  const found = secrets.found(await memory());
  assert.ok(
    found.some((what) => what.startsWith("machine as bytes")),
    found.join(),
  );
  assert.equal((await pending).status, 200);
});

describe("every route, good and bad input", () => {
  test("is known to this test", async () => {
    const { body } = await world.fetch("/openapi.json");
    const known = Object.entries(body.paths).flatMap(([path, operations]) =>
      Object.keys(operations)
        .filter((method) => ["get", "post", "put", "patch", "delete"].includes(method))
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual(Object.keys(routes).sort(), known.sort());
  });

  for (const failing of failures) {
    test(failing ? `with ${failing} failing` : "with D1 and KV well", async () => {
      const seen = {};
      for (const [route, make] of Object.entries(routes)) {
        for (const send of make(failing ? { "x-fail": failing } : {})) {
          const answer = await send();
          if (answer) (seen[route] ??= new Set()).add(answer.status);
        }
        await idle();
        look(
          `memory after ${route}${failing ? ` with ${failing} failing` : ""}`,
          await memory(),
          secrets,
          atRest,
          bearers,
        );
      }
      report();
      // The routes were really reached: without failures each answered well at least once, and a
      // device that is known was served whatever failed alone.
      assert.equal(seen["POST /keys/provision"].has(200), failing !== "DB KV");
      if (failing === undefined) {
        for (const [route, codes] of Object.entries(seen)) {
          assert.ok(
            [200, 201].some((good) => codes.has(good)),
            `${route}: ${[...codes]}`,
          );
        }
      }
    });
  }
});

test("many at once leave nothing in memory", async () => {
  await Promise.all(
    Array.from({ length: 200 }, (_, i) => {
      const request = {
        license_id: i % 2 ? licenses.generated.code : text.email,
        machine_id: i % 3 ? text.machine : text.otherMachine,
      };
      const how = i % 4;
      if (how === 0)
        return ask(
          "POST",
          "/keys/provision",
          { ...request, delivery: "plain" },
          { "cf-connecting-ip": freshAddress() },
        );
      if (how === 1)
        return ask("POST", "/keys/provision", { ...request, client_public_key: device.publicKey });
      if (how === 2) return ask("POST", "/keys/provision", request, { "x-fail": i % 8 === 2 ? "DB" : "" });
      return ask("POST", "/keys/status", request);
    }),
  );
  await idle();
  look("memory", await memory(), secrets, atRest, bearers);
  report();
});

test("cron leaves nothing in memory", async () => {
  await world.sync();
  await idle();
  look("memory after cron", await memory(), secrets, atRest, bearers);
  report();
});

test("the logs hold none of it", () => {
  assert.ok(world.logs.length > 300, `${world.logs.length} lines`);
  for (const { message } of world.logs)
    look(`log ${message.slice(0, 60)}`, message, secrets, atRest, bearers, rootKeys);
  report();
});

test("the files of D1 and KV hold none of it", async () => {
  await world.stop();
  let numBytes = 0;
  for (const { path, bytes } of filesUnder(stateDir)) {
    numBytes += bytes.length;
    look(`file ${path.slice(stateDir.length)}`, bytes, secrets, atRest, bearers, rootKeys);
  }
  assert.ok(numBytes > 50_000, `${numBytes} bytes`);
  report();
});
