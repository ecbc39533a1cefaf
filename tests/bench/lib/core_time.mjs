// How long the core itself computes for a provision: the time inside the module's exports less the time
// inside its imports.

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const kChildPath = fileURLToPath(new URL("core_time_child.mjs", import.meta.url));
const kTimeoutMs = 120_000;

// Gives {delivery: {p50_ms, p99_ms}} of the built bundle. text: the vars and secrets that the Worker gets.
export async function measureCoreTime({ deliveries, text }) {
  const child = fork(kChildPath, [], { timeout: kTimeoutMs, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  return new Promise((resolve, reject) => {
    child.once("message", ({ error, value }) => (error ? reject(new Error(error)) : resolve(value)));
    child.once("exit", (code) => reject(new Error(`core time: the process ended (${code})`)));
    child.send({ deliveries, text });
  }).finally(() => child.kill());
}
