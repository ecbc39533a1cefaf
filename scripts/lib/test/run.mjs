// Runs one command of a test step: its output is shown, or kept in a log with progress shown,
// and its own closing counts are read.
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";

import { ROOT, rootPath } from "../paths.mjs";

const PROGRESS_MS = 15_000;
const TAIL_LINES = 60;

export const JOBS = os.availableParallelism();

export class StepError extends Error {
  constructor(message, failed = 1, passed = 0) {
    super(message);
    this.failed = failed;
    this.passed = passed;
  }
}

const running = new Set();

// endAll: ends what still runs, when this process has to end.
export function endAll() {
  for (const child of running) {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // Ended by itself.
    }
  }
}

// start: runs command, gives {status, output}; `onText` sees the output as it comes. Each
// command leads a process group of its own, which ends with it.
function start(command, args, { env, onText }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, WRANGLER_SEND_METRICS: "false", ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    running.add(child);
    const chunks = [];
    const take = (chunk) => {
      chunks.push(chunk);
      onText?.(chunk);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => {
      running.delete(child);
      resolve({ status: 127, output: error.message });
    });
    child.on("close", (code, signal) => {
      running.delete(child);
      resolve({ status: code ?? `signal ${signal}`, output: Buffer.concat(chunks).toString("utf8") });
    });
  });
}

// shown: runs a command with its output visible.
export async function shown(command, args, options = {}) {
  const { status, output } = await start(command, args, {
    ...options,
    onText: (chunk) => process.stdout.write(chunk),
  });
  if (status !== 0) {
    const { passed, failed } = counts(output);
    throw new StepError(`${command} ${args.join(" ")}: exit ${status}`, Math.max(failed, 1), passed);
  }
  return output;
}

// logged: runs a command with its output in build/logs/<name>.log; says now and then how far
// it is, and shows the end of the log where it fails.
export async function logged(name, command, args, options = {}) {
  const log = rootPath("build/logs", `${name}.log`);
  fs.mkdirSync(rootPath("build/logs"), { recursive: true });
  const file = fs.createWriteStream(log);
  let last = "";
  const timer = setInterval(() => last && console.log(`  ${last}`), PROGRESS_MS);
  const onText = (chunk) => {
    file.write(chunk);
    last = chunk.toString("utf8").trimEnd().split("\n").at(-1).slice(0, 100);
  };
  const { status, output } = await start(command, args, { ...options, onText });
  clearInterval(timer);
  file.end();
  if (status === 0) return output;
  console.log(output.trimEnd().split("\n").slice(-TAIL_LINES).join("\n"));
  throw new StepError(`${command} ${args.join(" ")}: exit ${status} (whole log: build/logs/${name}.log)`);
}

// counts: {passed, failed} from the closing lines of ctest or node --test.
export function counts(output) {
  const ctest = /(\d+) tests? failed out of (\d+)/.exec(output);
  if (ctest) return { passed: Number(ctest[2]) - Number(ctest[1]), failed: Number(ctest[1]) };
  const number = (word) => Number(new RegExp(`^\\S* ?${word} (\\d+)$`, "m").exec(output)?.[1] ?? 0);
  return { passed: number("pass"), failed: number("fail") + number("cancelled") };
}
