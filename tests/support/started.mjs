// scripts/start in a process of its own, for tests that kill it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readEnvFile } from "../../scripts/lib/env_file.mjs";
import { root } from "./miniflare.mjs";

const runMsMax = 120_000;

// makePlace: a state directory and an env file that go when the test ends.
export function makePlace(t) {
  const directory = mkdtempSync(join(tmpdir(), "latchkey-start-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return {
    state: join(directory, "state"),
    envFile: join(directory, "env"),
    localFile: join(directory, "local.json"),
    secrets: () => Object.fromEntries(readEnvFile(join(directory, "env")).values),
  };
}

// startAt: scripts/start on that place, once it is ready or has ended. Gives
//   child, stdout, stderr, status; url once ready; readyMs, how long that took
//   workerd()  its pid
//   ended      settles when it has ended
export async function startAt(t, place, args = ["--port", "0"]) {
  const begun = Date.now();
  const child = spawn(
    join(root, "scripts/start"),
    [...args, "--state", place.state, "--env-file", place.envFile],
    {
      env: { ...process.env, LATCHKEY_LOCAL_FILE: place.localFile },
      timeout: runMsMax,
    },
  );
  t.after(() => child.kill("SIGKILL"));
  const run = { child, stdout: "", stderr: "", workerd: () => childOf(child.pid) };
  child.stderr.setEncoding("utf8").on("data", (text) => (run.stderr += text));
  run.ended = once(child, "close").then(([status, signal]) => {
    run.status = status ?? signal;
    return run;
  });
  const ready = new Promise((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      run.stdout += text;
      run.url ??= /^Ready on (http:\/\/127\.0\.0\.1:\d+)$/m.exec(run.stdout)?.[1];
      if (run.url) resolve();
    });
  });
  await Promise.race([ready, run.ended]);
  run.readyMs = Date.now() - begun;
  return run;
}

// childOf: the one child process of a process.
function childOf(pid) {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
}

export function isRunning(pid) {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

// ends: whether the process is gone within five seconds.
export async function ends(pid) {
  for (let i = 0; i < 100 && isRunning(pid); i++) await delay(50);
  return !isRunning(pid);
}

export async function listen() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
