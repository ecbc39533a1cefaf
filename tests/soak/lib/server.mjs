// The service as a process that can be killed, and started again on the same D1 and KV.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import { ends } from "../../support/started.mjs";

const kChild = fileURLToPath(new URL("server_child.mjs", import.meta.url));
const kStartMsMax = 120_000;

export class Server {
  runs = []; // {begunAt, endedAt, grown}: what checks.mjs judges memory by
  errors = []; // log records of level error
  isUp = false;
  #config;
  #directory;
  #child;
  #calls = new Map();
  #numCalls = 0;

  // `directory` takes what Miniflare leaves lying about when it is killed.
  constructor(config, directory) {
    this.#config = config;
    this.#directory = directory;
  }

  async start() {
    const child = fork(kChild, [], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { ...process.env, TMPDIR: this.#directory },
    });
    this.#child = child;
    child.on("message", (message) => this.#hear(message));
    child.once("exit", () => {
      for (const { reject } of this.#calls.values()) reject(new Error("the service has ended"));
      this.#calls.clear();
    });
    const run = { begunAt: Date.now(), endedAt: 0, grown: [] };
    this.runs.push(run);
    const late = delay(kStartMsMax, "late", { ref: false });
    const started = await Promise.race([this.#call("start", this.#config), late]);
    if (started === "late") throw new Error(`the service did not start within ${kStartMsMax} ms`);
    run.begunAt = Date.now();
    this.url = started.url;
    this.workerdPid = started.workerdPid;
    this.isUp = true;
  }

  // cron: "ok", "exception", or "killed" where the service went away meanwhile.
  async cron() {
    try {
      return await this.#call("cron");
    } catch (error) {
      if (!this.isUp || this.#child.exitCode !== null || this.#child.signalCode !== null) return "killed";
      throw error;
    }
  }

  // kill: both processes, by their ids, in the middle of whatever they do.
  async kill() {
    this.isUp = false;
    const exited = once(this.#child, "exit");
    process.kill(this.workerdPid, "SIGKILL");
    process.kill(this.#child.pid, "SIGKILL");
    await exited;
    if (!(await ends(this.workerdPid))) throw new Error(`process ${this.workerdPid} outlives its SIGKILL`);
    this.runs.at(-1).endedAt = Date.now();
  }

  async stop() {
    if (!this.isUp) return;
    this.isUp = false;
    this.runs.at(-1).endedAt = Date.now();
    await this.#call("stop").catch(() => {});
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  #hear({ id, value, error, log }) {
    if (log) {
      const { at, record, level } = log;
      if (level === "error") this.errors.push(record ?? { event: "unknown" });
      else this.runs.at(-1).grown.push({ at, bytes: record.memory_bytes });
      return;
    }
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error) call?.reject(new Error(error));
    else call?.resolve(value);
  }

  #call(question, payload) {
    const id = ++this.#numCalls;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#child.send({ id, question, payload }, (error) => error && reject(error));
    });
  }
}
