// The child process of server.mjs: starts one Miniflare and answers its parent's questions.

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";

let stopServer = async () => {};
let takeRecords = () => [];
let carryToKv = async () => {};
let query = async () => 0;

const kLicenseLifeMs = 365 * 86_400_000;
const kMachinesMax = 3;
// More than enough for cron to carry every licence of the largest run to KV.
const kSyncRuns = 5;

// startBare: a bare Worker with these bindings and the same options of Miniflare as ours has. Gives the Miniflare
// and {port}.
async function startBare(script, vars, bindings) {
  const { Log, LogLevel, Miniflare } = await import("miniflare");
  const { readConfig } = await import("../../../scripts/lib/local.mjs");
  const ours = await readConfig();
  const env = bindings(ours);
  for (const [name, value] of Object.entries(vars)) env[name] = { type: "text", value };
  const modules = { "worker.mjs": { type: "esm", contents: readFileSync(script, "utf8") } };
  const miniflare = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    log: new Log(LogLevel.NONE),
    logRequests: false,
    handleStructuredLogs: ({ message }) => process.stderr.write(`${message}\n`),
    workers: [{ config: {
      name: "bench",
      compatibilityDate: ours.compatibility_date,
      compatibilityFlags: ["nodejs_compat"],
      manifest: { mainModule: "worker.mjs", modulesRoot: dirname(script), modules },
      env,
    } }],
  });
  stopServer = () => miniflare.dispose();
  const url = await miniflare.ready;
  return { miniflare, listening: { port: Number(url.port) } };
}

// Runs the floor or the peer.
// config: {script, schema, vars, licenses: [code], indexKey: base64url or null}. With an index key the
// licences are stored under their HMACs, as the peer reads them; without, by their codes.
async function startPlainWorker({ script, schema, vars, licenses, indexKey }) {
  const { miniflare, listening } = await startBare(script, vars, (ours) => ({
    DB: { type: "d1", id: ours.d1_databases[0].database_id },
  }));
  const db = await miniflare.getD1Database("DB");
  const statements = readFileSync(schema, "utf8").replaceAll(/^--.*$/gm, "").split(";");
  await db.batch(statements.filter((sql) => sql.trim()).map((sql) => db.prepare(sql)));
  await insertLicenses(db, licenses, indexKey);
  return listening;
}

async function insertLicenses(db, codes, indexKey) {
  const column = indexKey ? "code_hmac" : "code";
  const key = indexKey && Buffer.from(indexKey, "base64url");
  const hmac = (code) => createHmac("sha256", key).update(`code\0${code}`).digest("base64url");
  const insert = db.prepare(
    `INSERT INTO licenses (id, ${column}, plan, status, expires_at, machines_max)
     VALUES (?, ?, 'pro', 'active', ?, ?)`);
  const expiresAt = Date.now() + kLicenseLifeMs;
  const rows = codes.map((code, index) => {
    const id = `lic_${String(index).padStart(6, "0")}`;
    return insert.bind(id, key ? hmac(code) : code, expiresAt, kMachinesMax);
  });
  for (let at = 0; at < rows.length; at += 100) await db.batch(rows.slice(at, at + 100));
}

// The floor of GET /keys/status: a bare Worker, and a KV that holds its keys.
// config: {script, vars, keys: [key]}.
async function startKvFloor({ script, vars, keys }) {
  const { miniflare, listening } = await startBare(script, vars, (ours) => ({
    KV: { type: "kv", id: ours.kv_namespaces[0].id },
  }));
  const kv = await miniflare.getKVNamespace("KV");
  for (const key of keys) await kv.put(key, "x".repeat(400));
  return listening;
}

// config: {vars, secrets, stateDir}; without a state directory nothing outlives it.
async function startOurs({ vars, secrets, stateDir }) {
  const { start } = await import("../../support/miniflare.mjs");
  const running = await start({ vars, secrets, stateDir });
  stopServer = () => running.stop();
  carryToKv = async () => {
    for (let run = 0; run < kSyncRuns; run++) await running.scheduled();
  };
  query = async (sql) => (await running.db.prepare(sql).all()).results.length;
  takeRecords = () => running.logs.splice(0).map((line) => line.record).filter(Boolean);
  return { port: Number(running.url.port) };
}

const questions = {
  start: (config) => {
    if (config.kind === "ours") return startOurs(config);
    return config.kind === "kv_floor" ? startKvFloor(config) : startPlainWorker(config);
  },
  sync: () => carryToKv(),
  log: () => takeRecords(),
  query: (sql) => query(sql),
  stop: () => stopServer(),
};

process.on("message", async ({ question, payload }) => {
  try {
    process.send({ value: (await questions[question](payload)) ?? null });
  } catch (error) {
    process.send({ error: error?.stack ?? String(error) });
  }
});

// The parent is gone: nobody is left to stop us.
process.on("disconnect", async () => {
  await stopServer().catch(() => {});
  process.exit(0);
});
