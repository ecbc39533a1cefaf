// npm run soak: the service under clients that do not let go of it, killed again and again. In the end nothing may be
// lost, doubled or unaccounted for, and its memory flat.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import { setTimeout as delay } from "node:timers/promises";
import { rootPath } from "../../scripts/lib/paths.mjs";
import { freshSecrets } from "../support/world.mjs";
import { Book } from "./lib/book.mjs";
import { databaseViolations, memoryViolations } from "./lib/checks.mjs";
import { Admin, Desktop, Wire } from "./lib/clients.mjs";
import { Random } from "./lib/random.mjs";
import { memoryNow, printSummary } from "./lib/report.mjs";
import { Server } from "./lib/server.mjs";

const kHelp = `usage: node tests/soak/main.mjs [options]

Runs the service with desktops that provision, ask and report what they used, an admin, and cron; kills it at random
moments and starts it again on the same data. Then holds the database against what the clients know. Exit code 1: it
differs, and the last lines say how.

  --seconds N   how long (default 600, at least 20)
  --clients N   desktops (default 16)
  --seed N      what the clients do and when kills come (default: a new one; it is printed)
  --keep        leave the data where it is, and say where
  --help
`;

const kClientsPerLicense = 2;
const kProgressMs = 10_000;
const kPauseMsMax = 100;
const kAdminPauseMsMax = 1_000;
const kCronPauseMsMax = 3_000;
const kFinalCronRunsMax = 50;
const kNoLimit = "900000";
// The last part of a run has no kills, so that memory is seen for long.
const kKilledPart = 0.65;
const kSettleMsMax = 90_000;

class UsageError extends Error {}

function readOptions() {
  const text = { type: "string" };
  let values;
  try {
    ({ values } = parseArgs({ options: {
      seconds: text, clients: text, seed: text, keep: { type: "boolean" }, help: { type: "boolean" },
    } }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  const number = (name, fallback, least) => {
    const value = Number(values[name] ?? fallback);
    if (!Number.isInteger(value) || value < least) throw new UsageError(`--${name} must be a whole number from ${least}`);
    return value;
  };
  return {
    seconds: number("seconds", 600, 20),
    clients: number("clients", 16, 1),
    seed: number("seed", Math.floor(Math.random() * 1e9), 0),
    keep: values.keep, help: values.help,
  };
}

const say = (line) => console.log(line);

class Soak {
  #options;
  #random;
  #secrets = freshSecrets();
  #kills = 0;
  #cronRuns = 0;
  #isOver = false;

  constructor(options) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.directory = mkdtempSync(join(tmpdir(), "latchkey-soak-"));
    mkdirSync(join(this.directory, "tmp"));
    this.state = join(this.directory, "state");
    const limits = ["IP", "LICENSE", "REPORT_IP", "REPORT_LICENSE"].map((name) => [`RATE_LIMIT_${name}_PER_HOUR`, kNoLimit]);
    const vars = { ...Object.fromEntries(limits), ENVIRONMENT: "development", LOG_LEVEL: "info", KEY_CHECK_MINUTES: "0" };
    this.server = new Server({ vars, secrets: this.#secrets, stateDir: this.state }, join(this.directory, "tmp"));
    this.book = new Book();
    this.wire = new Wire(this.server, this.book);
  }

  async run() {
    await this.server.start();
    const admin = new Admin(this.#secrets.ADMIN_TOKEN, this.wire, this.#random.fork());
    const { desktops, licenses } = await this.#populate(admin);
    const begunAt = Date.now();
    const until = begunAt + this.#options.seconds * 1000;
    const progress = setInterval(() => this.#showProgress(begunAt), kProgressMs);
    try {
      const work = [
        ...desktops.map((one) => this.#loop(() => one.step(), this.#random.fork(), kPauseMsMax)),
        this.#loop(() => admin.step(licenses), this.#random.fork(), kAdminPauseMsMax),
        this.#loop(() => this.#cron(), this.#random.fork(), kCronPauseMsMax),
        this.#killer(until, this.#random.fork()),
      ];
      const all = Promise.all(work);
      await Promise.race([all, delay(until - Date.now())]);
      this.#isOver = true;
      const late = delay(kSettleMsMax, "late", { ref: false });
      if ((await Promise.race([all, late])) === "late") throw new Error("the clients were not done in time");
    } finally {
      clearInterval(progress);
    }
    const endedAt = Date.now();
    await this.#settle();
    for (const one of desktops) await one.askCost();
    const audit = await this.#verifyAudit();
    await this.server.stop();
    return this.#judge({ begunAt, endedAt, audit });
  }

  async #populate(admin) {
    const count = Math.ceil(this.#options.clients / kClientsPerLicense);
    const plain = await admin.createLicenses({ count });
    // Every fourth licence comes to the end of its budget, and alerts.
    for (const { id } of plain.filter((_, i) => i % 4 === 0)) {
      const { status } = await admin.ask("PATCH", `/admin/licenses/${id}`, { budget: { monthly: "0.5" }, enforcement: "warn" });
      if (status !== 200) throw new Error(`no budget for a licence: ${status}`);
    }
    this.book.revokedMax = Math.ceil(count / 8);
    const desktops = Array.from({ length: this.#options.clients }, (_, i) =>
      new Desktop(i, plain[Math.floor(i / kClientsPerLicense)], this.wire, this.#random.fork()));
    for (const one of desktops) await one.takeSeat();
    return { desktops, licenses: plain };
  }

  async #loop(step, random, pauseMsMax) {
    while (!this.#isOver) {
      await step();
      await delay(random.whole(0, pauseMsMax));
    }
  }

  async #cron() {
    if (!this.server.isUp) return;
    const outcome = await this.server.cron();
    this.#cronRuns++;
    if (outcome !== "ok" && outcome !== "killed") this.book.wrong.push(`cron ended with ${outcome}`);
  }

  async #killer(until, random) {
    const { seconds } = this.#options;
    const end = until - seconds * 1000 * (1 - kKilledPart);
    for (;;) {
      const pause = random.whole(4000, Math.max(7000, seconds * 100));
      if (Date.now() + pause > end) return;
      await delay(pause);
      await this.server.kill();
      this.#kills++;
      await this.server.start();
    }
  }

  // #settle: cron, until it has nothing left to add up or hash.
  async #settle() {
    for (let i = 0; i < kFinalCronRunsMax; i++) {
      await this.#cron();
      const left = this.#withDatabase((db) => db.prepare(`SELECT
        (SELECT ifnull(max(seq), 0) FROM usage_events) - usage_rolled_seq
        + (SELECT ifnull(max(seq), 0) / 256 FROM audit_log)
        - (SELECT count(*) FROM audit_nodes WHERE level = 8) AS value FROM state`).get().value);
      if (left === 0) return;
    }
    this.book.wrong.push(`cron did not come to an end in ${kFinalCronRunsMax} runs`);
  }

  #withDatabase(use) {
    const directory = join(this.state, "v3/d1/miniflare-D1DatabaseObject");
    const file = readdirSync(directory).find((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
    const db = new DatabaseSync(join(directory, file), { readOnly: true });
    try {
      return use(db);
    } finally {
      db.close();
    }
  }

  // #verifyAudit: exports the log and checks the file, as an operator would.
  async #verifyAudit() {
    const file = join(this.directory, "audit.ndjson");
    for (const args of [["export", "--out", file], ["verify", file]]) {
      const { status, text } = await this.#latchkey(["audit", ...args]);
      if (status === 0) continue;
      this.book.wrong.push(`latchkey audit ${args[0]}: exit ${status}: ${text.trim().slice(-400)}`);
      return "its export does not verify";
    }
    return "its export verifies";
  }

  #latchkey(args) {
    return new Promise((resolve) => {
      const env = { ...process.env, LATCHKEY_URL: this.server.url, LATCHKEY_ADMIN_TOKEN: this.#secrets.ADMIN_TOKEN };
      const child = spawn(rootPath("scripts/latchkey"), args, { env, stdio: ["ignore", "pipe", "pipe"] });
      let text = "";
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      child.on("error", (error) => resolve({ status: 127, text: error.message }));
      child.on("close", (status) => resolve({ status, text }));
    });
  }

  #showProgress(begunAt) {
    const seconds = Math.round((Date.now() - begunAt) / 1000);
    const { book, server } = this;
    const memory = memoryNow(server.runs);
    const size = memory === null ? "down" : `${(memory / 2 ** 20).toFixed(1)} MiB`;
    say(`${String(seconds).padStart(4)} s: ${book.numRequests} requests, ${book.events.size} events, ` +
      `${book.numAcknowledged} acknowledged, ${this.#kills} kills, linear memory ${size}`);
  }

  #judge({ begunAt, endedAt, audit }) {
    const { book, server } = this;
    const records = server.errors.filter(({ event, error }) => event !== "error" || error === "internal");
    const { violations, rows } = this.#withDatabase((db) => {
      const count = (table) => db.prepare(`SELECT count(*) AS value FROM ${table}`).get().value;
      return { violations: databaseViolations(db, book), rows: { events: count("usage_events"), audit: count("audit_log") } };
    });
    // The export that came after the load has answers of another size.
    const runs = server.runs.map((run) => ({ ...run, endedAt: Math.min(run.endedAt, endedAt) }));
    violations.push(...memoryViolations(runs), ...book.wrong);
    violations.push(...records.map((record) => `the service logged ${JSON.stringify(record)}`));
    if (this.#kills === 0) violations.push("nothing was killed: the run was too short");
    const seconds = (endedAt - begunAt) / 1000;
    printSummary({ book, runs, kills: this.#kills, cronRuns: this.#cronRuns, seconds, begunAt, endedAt, audit, rows });
    return violations;
  }

  async end() {
    if (this.server.isUp) await this.server.kill();
    if (this.#options.keep) say(`kept: ${this.directory}`);
    else rmSync(this.directory, { recursive: true, force: true });
  }
}

async function main() {
  const options = readOptions();
  if (options.help) return console.log(kHelp);
  say(`soak: ${options.seconds} s, ${options.clients} clients, seed ${options.seed}`);
  const soak = new Soak(options);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => soak.end().finally(() => process.exit(130)));
  try {
    const violations = await soak.run();
    for (const line of violations) console.error(`VIOLATION ${line}`);
    say(violations.length === 0 ? "\nsoak: ok" : `\nsoak: ${violations.length} violations (seed ${options.seed})`);
    process.exitCode = violations.length === 0 ? 0 : 1;
  } finally {
    await soak.end();
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError ? `soak: ${error.message}\n${kHelp}` : error.stack);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
