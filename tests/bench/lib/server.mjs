// A server under test: one child process that runs one Miniflare, whose workerd is a child of its own,
// so that the CPU of every server is counted apart.

import { fork } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const childPath = fileURLToPath(new URL("server_child.mjs", import.meta.url));
const kStartTimeoutMs = 120_000;
const kStopTimeoutMs = 5_000;
// The kernel reports process times in USER_HZ, which is 100 on every Linux.
const kTickMs = 10;

const running = new Set();

// config: {kind: "ours"|"floor"|"peer", ...what server_child.mjs reads}.
export async function startServer(name, config) {
  const child = fork(childPath, [], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const server = new Server(name, child);
  running.add(server);
  try {
    const { port } = await server.call("start", config, kStartTimeoutMs);
    server.port = port;
    server.workerdPid = findWorkerd(child.pid);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

export async function stopAllServers() {
  await Promise.all([...running].map((server) => server.stop()));
}

class Server {
  constructor(name, child) {
    this.name = name;
    this.child = child;
    this.exited = new Promise((resolve) => child.once("exit", resolve));
  }

  // Asks the child and waits for its answer; one question at a time.
  call(question, payload, timeoutMs) {
    return new Promise((resolve, reject) => {
      const done = (error, value) => {
        clearTimeout(timer);
        this.child.off("message", onMessage);
        this.child.off("exit", onExit);
        if (error) reject(error);
        else resolve(value);
      };
      const onMessage = ({ error, value }) => done(error && new Error(`${this.name}: ${error}`), value);
      const onExit = (code) => done(new Error(`${this.name}: the server process ended (${code})`));
      const timer = setTimeout(() => done(new Error(`${this.name}: no answer to ${question}`)), timeoutMs);
      this.child.on("message", onMessage);
      this.child.on("exit", onExit);
      this.child.send({ question, payload });
    });
  }

  // The request records that the Worker has logged since the last call.
  takeLog() {
    return this.call("log", null, kStopTimeoutMs);
  }

  // User and system time of workerd so far, in ms; null where there is no /proc.
  cpuMs() {
    if (this.workerdPid === null) return null;
    const fields = statFields(this.workerdPid);
    return (Number(fields[11]) + Number(fields[12])) * kTickMs;
  }

  async stop() {
    if (!running.delete(this)) return;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    await this.call("stop", null, kStopTimeoutMs).catch(() => {});
    this.child.kill("SIGKILL");
    await this.exited;
  }
}

// The fields of /proc/PID/stat from the third on: the second, the name, may hold spaces.
function statFields(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function findWorkerd(parentPid) {
  if (process.platform !== "linux") return null;
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      if (Number(statFields(entry)[1]) !== parentPid) continue;
      if (readFileSync(`/proc/${entry}/comm`, "latin1").startsWith("workerd")) return Number(entry);
    } catch {
      // The process ended while we looked.
    }
  }
  throw new Error(`no workerd below process ${parentPid}`);
}
