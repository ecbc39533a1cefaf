// The child process of server.mjs: starts one Miniflare and answers its parent's questions.

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

let stopServer = async () => {};
let takeRecords = () => [];

const kLicenseLifeMs = 365 * 86_400_000;
const kMachinesMax = 3;
const kCompatibilityDate = "2026-11-01";

// config: {script, schema, bindings, licenses: [code], indexKey: base64url or null}. With an index key
// the licences are stored under their HMACs, as the peer reads them; without, by their codes.
async function startPlainWorker(config) {
  const { Miniflare, convertV4MiniflareOptions } = await import("miniflare");
  const miniflare = new Miniflare(convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    logRequests: false,
    telemetry: { enabled: false },
    script: readFileSync(config.script, "utf8"),
    scriptPath: config.script,
    modules: true,
    compatibilityDate: kCompatibilityDate,
    compatibilityFlags: ["nodejs_compat"],
    bindings: config.bindings,
    d1Databases: ["DB"],
  }));
  const url = await miniflare.ready;
  const db = await miniflare.getD1Database("DB");
  const schema = readFileSync(config.schema, "utf8").replaceAll(/^--.*$/gm, "");
  for (const statement of schema.split(";").filter((text) => text.trim())) await db.prepare(statement).run();
  await insertLicenses(db, config);
  stopServer = () => miniflare.dispose();
  return { port: Number(url.port) };
}

async function insertLicenses(db, { licenses, indexKey }) {
  const column = indexKey ? "code_hmac" : "code";
  const key = indexKey && Buffer.from(indexKey, "base64url");
  const hmac = (code) => createHmac("sha256", key).update(`code\0${code}`).digest("base64url");
  const stored = key ? hmac : (code) => code;
  const insert = db.prepare(
    `INSERT INTO licenses (id, ${column}, plan, status, expires_at, machines_max)
     VALUES (?, ?, 'pro', 'active', ?, ?)`);
  const expiresAt = Date.now() + kLicenseLifeMs;
  const rows = licenses.map((code, index) =>
    insert.bind(`lic_${String(index).padStart(6, "0")}`, stored(code), expiresAt, kMachinesMax));
  for (let at = 0; at < rows.length; at += 100) await db.batch(rows.slice(at, at + 100));
}

async function startOurs({ bundleDir, vars, secrets }) {
  const { start } = await import("../../support/miniflare.mjs");
  const running = await start(bundleDir, { vars, secrets });
  stopServer = () => running.stop();
  takeRecords = () => running.log.splice(0);
  return { port: Number(new URL(running.url).port) };
}

const questions = {
  start: (config) => (config.kind === "ours" ? startOurs(config) : startPlainWorker(config)),
  log: () => takeRecords(),
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
