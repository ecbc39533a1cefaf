// Serves the built Worker on this machine. Called by scripts/start, which installs and builds.
//   start.mjs PORT STATE_DIR ENV_FILE --demo|--no-demo
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import path from "node:path";

import { demoCurl, DEMO_CODE, seedDemo } from "./demo.mjs";
import { extendEnvFile, readEnvFile } from "./env_file.mjs";
import { removeLocal, writeLocal } from "./local_state.mjs";
import { rootPath } from "./paths.mjs";
import { DEMO_SECRETS, REQUIRED_SECRETS } from "./secrets.mjs";

const HOST = "127.0.0.1";
const CRON = "* * * * *";
const MINUTE_MS = 60_000;
const WATCH_MS = 1_000;
const ENV_HEADER = `# Secrets and settings of the Latchkey on this machine. Made by scripts/start; edit freely.
# A line NAME=value overrides the var of that name in wrangler.toml.
`;

const [portText, stateDir, envFile, demo] = process.argv.slice(2);

function say(text) {
  process.stdout.write(`${text}\n`);
}

function complain(text) {
  process.stderr.write(`start: ${text}\n`);
}

// shown: a path as the reader would type it.
function shown(file) {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith("..") ? file : relative;
}

function portIsFree(port) {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once("error", (error) => resolve(error.code));
    probe.listen(port, HOST, () => probe.close(() => resolve(true)));
  });
}

function prepareEnv() {
  const hadState = fs.existsSync(stateDir) && fs.readdirSync(stateDir).length > 0;
  const added = extendEnvFile(envFile, [...REQUIRED_SECRETS, ...DEMO_SECRETS], ENV_HEADER);
  if (added.length > 0) say(`Made fresh secrets in ${shown(envFile)}: ${added.join(", ")}`);
  if (hadState && (added.includes("INDEX_KEY") || added.includes("MASTER_KEY"))) {
    complain(
      `warning: ${shown(stateDir)} was made with other secrets: licences stored there can't be used with these.`,
    );
  }
  const { values, bad } = readEnvFile(envFile);
  for (const line of bad)
    complain(`warning: ${shown(envFile)} line ${line} is not NAME=value and is ignored.`);
  return { ENVIRONMENT: "development", ...Object.fromEntries(values) };
}

// childPids: direct children of this process, where the system says (Linux).
function childPids() {
  try {
    return fs
      .readFileSync(`/proc/self/task/${process.pid}/children`, "utf8")
      .trim()
      .split(/\s+/)
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function serve(vars, port) {
  const require = createRequire(createRequire(import.meta.url).resolve("miniflare"));
  process.env.LATCHKEY_WORKERD = require("workerd").default;
  process.env.MINIFLARE_WORKERD_PATH = rootPath("scripts/lib/workerd");
  const { start } = await import("./local.mjs");
  return start({
    host: HOST,
    port,
    stateDir,
    vars,
    dashboard: true,
    onLog: ({ message }) => process.stderr.write(`${message}\n`),
  });
}

// fireCron: as the platform would, at the start of every minute.
function fireCron(local) {
  const timer = setTimeout(
    async () => {
      fireCron(local);
      try {
        const outcome = await local.scheduled(CRON);
        if (outcome !== "ok") complain(`cron: ${outcome}`);
      } catch (error) {
        if (!stopping) complain(`cron: ${error.message}`);
      }
    },
    MINUTE_MS - (Date.now() % MINUTE_MS),
  );
  timer.unref();
}

let stopping = false;
let running = null;

async function stop(exitCode) {
  if (stopping) return;
  stopping = true;
  removeLocal(process.pid);
  await running?.stop();
  process.exit(exitCode);
}

// onSignals: ours alone decide how a signal ends this process. Miniflare installs its own when
// it starts, which would exit at once with an error code.
function onSignals() {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.removeAllListeners(signal);
    process.on(signal, () => (running === null ? process.exit(0) : stop(0)));
  }
}

async function checkReady(local) {
  const response = await local.fetch("/ready");
  const text = await response.text();
  if (response.status === 200) return true;
  complain(`the Worker is not ready (HTTP ${response.status}): ${text.slice(0, 1000)}`);
  complain(`its log above says why; settings are read from ${shown(envFile)} and wrangler.toml.`);
  return false;
}

async function main() {
  const port = Number(portText);
  const free = await portIsFree(port);
  if (free !== true) {
    complain(
      free === "EADDRINUSE"
        ? `port ${port} is in use: end what listens there, or choose another with --port.`
        : `port ${port} can't be used (${free}): choose another with --port.`,
    );
    return 1;
  }
  const vars = prepareEnv();
  fs.mkdirSync(stateDir, { recursive: true });
  running = await serve(vars, port);
  onSignals();
  if (running.migrated.length > 0) say(`Migrated the local database: ${running.migrated.join(", ")}`);
  if (!(await checkReady(running))) return 1;

  const url = running.url.origin;
  if (demo === "--demo") {
    const seeded = await seedDemo(url, vars.ADMIN_TOKEN);
    say(`
Demo licence: ${DEMO_CODE} (plan pro${seeded === "exists" ? ", from before" : ""}). Its six keys, in the clear:

${demoCurl(url)}
`);
  }
  say(
    `Admin: ./scripts/latchkey license list. State: ${shown(stateDir)}. Secrets: ${shown(envFile)}. Read on: README.md`,
  );
  writeLocal({ url, env_file: envFile, pid: process.pid });
  fireCron(running);
  const [workerd] = childPids();
  if (workerd !== undefined) {
    setInterval(() => {
      if (stopping || isAlive(workerd)) return;
      complain("workerd has ended unexpectedly.");
      stop(1);
    }, WATCH_MS);
  }
  say(`Ready on ${url}`);
  return null;
}

onSignals();
try {
  const exitCode = await main();
  if (exitCode !== null) await stop(exitCode);
} catch (error) {
  complain(error.message);
  await stop(1);
}
