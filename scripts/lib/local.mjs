// The Worker on this machine: build/worker on embedded workerd, with the vars and bindings of
// wrangler.toml. Used by scripts/start, the benchmark and every end-to-end test. Nothing is
// fetched from the network, and nothing is kept unless a state directory is given.
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Log, LogLevel, Miniflare } from "miniflare";
import { parse } from "smol-toml";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const logLinesMax = 10_000;
const moduleTypes = { ".js": "esm", ".mjs": "esm", ".wasm": "wasm" };

// readConfig: wrangler.toml, or one of its environments with what it inherits.
export async function readConfig(environment) {
  const { env = {}, ...config } = parse(await readFile(join(root, "wrangler.toml"), "utf8"));
  if (!environment) return config;
  if (!env[environment]) throw new Error(`wrangler.toml has no environment ${environment}`);
  return { ...config, ...env[environment] };
}

// Options of start, all optional:
//   bundleDir    what to run (build/worker)
//   wasm         a file to run in place of the bundle's core
//   wrapper      source of a module that becomes the entry; it imports "./index.js". Lets a test
//                put something between the Worker and its bindings
//   environment  an environment of wrangler.toml (production)
//   vars         text entries over those of wrangler.toml; undefined removes one
//   secrets      text entries that wrangler.toml does not name
//   dashboard    also serve build/dashboard under /admin/, as deployed (false: what the API tests and the benchmark ask
//                goes to the Worker at once)
//   without      names of bindings to leave out, such as ["KV"]
//   stateDir     where KV and D1 persist, as `wrangler --persist-to` lays it out (nowhere)
//   host, port   where to listen (127.0.0.1, any free port)
//   cf           what request.cf holds (nothing); an object, such as {country: "DE"}
//   migrate      apply d1/*.sql (true)
//   onLog        called with each log line (none)
//
// Gives:
//   url          URL of the server
//   fetch        fetch with a path in place of a URL
//   db, kv       the bindings, from outside; undefined where left out
//   scheduled    fires the cron trigger; gives its outcome ("ok" or "exception")
//   logs         log lines so far, oldest first: {level, message, record}; `record` is the
//                message parsed, where it is JSON. At most the last 10,000
//   migrated     names of the migrations that start applied
//   stop         ends it
export async function start(options = {}) {
  const { host = "127.0.0.1", port = 0, migrate = true, stateDir } = options;
  const config = await readConfig(options.environment);
  const { logs, collect } = logCollector(options.onLog);
  const miniflare = new Miniflare({
    host,
    port,
    cf: options.cf ?? false,
    log: new Log(LogLevel.NONE),
    logRequests: false,
    handleStructuredLogs: collect,
    ...(stateDir && { resourcePersistencePath: join(resolve(stateDir), "v3") }),
    workers: [{ config: await workerConfig(config, options) }],
  });
  try {
    const url = await miniflare.ready;
    const has = (name) => !options.without?.includes(name);
    const db = has("DB") ? await miniflare.getD1Database("DB") : undefined;
    const kv = has("KV") ? await miniflare.getKVNamespace("KV") : undefined;
    const migrated = db && migrate ? await applyMigrations(db) : [];
    return {
      url,
      db,
      kv,
      logs,
      migrated,
      fetch: (path, init) => fetch(new URL(path, url), init),
      scheduled: async (cron = "* * * * *") => {
        const worker = await miniflare.getWorker();
        return (await worker.scheduled({ cron, scheduledTime: new Date() })).outcome;
      },
      stop: () => miniflare.dispose(),
    };
  } catch (error) {
    await miniflare.dispose();
    throw error;
  }
}

async function workerConfig(config, options) {
  const env = {};
  for (const { binding, database_id } of config.d1_databases ?? []) env[binding] = { type: "d1", id: database_id };
  for (const { binding, id } of config.kv_namespaces ?? []) env[binding] = { type: "kv", id };
  for (const name of options.without ?? []) delete env[name];
  for (const [name, value] of Object.entries({ ...config.vars, ...options.secrets, ...options.vars })) {
    if (value !== undefined) env[name] = { type: "text", value: String(value) };
  }
  return {
    name: config.name,
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags ?? [],
    manifest: await bundleManifest(options),
    env,
    ...(options.dashboard && { assets: { directory: join(root, config.assets.directory), hasUserWorker: true } }),
  };
}

async function bundleManifest({ bundleDir = join(root, "build/worker"), wasm, wrapper }) {
  const modules = {};
  for (const name of await readdir(bundleDir)) {
    const type = moduleTypes[name.slice(name.lastIndexOf("."))];
    if (!type) continue;
    const path = type === "wasm" && wasm ? wasm : join(bundleDir, name);
    modules[name] = { type, contents: await contentsOf(path, type) };
  }
  if (!modules["index.js"]) throw new Error(`No bundle in ${bundleDir}: run scripts/build`);
  if (wrapper) modules["wrapper.js"] = { type: "esm", contents: wrapper };
  return { mainModule: wrapper ? "wrapper.js" : "index.js", modulesRoot: bundleDir, modules };
}

async function contentsOf(path, type) {
  return type === "wasm" ? new Uint8Array(await readFile(path)) : readFile(path, "utf8");
}

function logCollector(onLog) {
  const logs = [];
  const collect = ({ level, message }) => {
    const line = { level, message, record: parsed(message) };
    logs.push(line);
    if (logs.length > logLinesMax) logs.shift();
    onLog?.(line);
  };
  return { logs, collect };
}

function parsed(message) {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

// applyMigrations: those of d1/*.sql that the database does not list yet, in order of name, each
// in one transaction with its entry in d1_migrations, which is wrangler's own table. Gives their
// names. Wrangler splits the statements, so that what works here works when it is deployed.
export async function applyMigrations(db, directory = join(root, "d1")) {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".sql")).sort();
  await db.prepare(`CREATE TABLE IF NOT EXISTS d1_migrations(
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE,
    applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`).run();
  const { results } = await db.prepare("SELECT name FROM d1_migrations").all();
  const applied = new Set(results.map((row) => row.name));
  const due = names.filter((name) => !applied.has(name));
  if (due.length === 0) return due;

  const { unstable_splitSqlQuery: split } = await import("wrangler");
  for (const name of due) {
    const statements = split(await readFile(join(directory, name), "utf8"));
    const entry = db.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name);
    await db.batch([...statements.map((sql) => db.prepare(sql)), entry]);
  }
  return due;
}
