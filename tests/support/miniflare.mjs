// The one helper through which tests run the Worker. Options and results: scripts/lib/local.mjs.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, start } from "../../scripts/lib/local.mjs";

export { root, start };

// faultyCore: the path of one of the cores of tests/support/faulty_core; build them with
// `ninja -C build/wasm faulty_core`. LATCHKEY_FAULTY_CORE_DIR names another build.
export function faultyCore(name) {
  const directory = process.env.LATCHKEY_FAULTY_CORE_DIR ?? join(root, "build/wasm/faulty_core");
  const path = join(directory, `faulty_core_${name}.wasm`);
  if (!existsSync(path)) throw new Error(`No ${path}: run 'ninja -C build/wasm faulty_core'`);
  return path;
}

// logged: the first log record with this event, waited for because logs arrive by themselves.
export async function logged(worker, event, timeoutMs = 5000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const line = worker.logs.find(({ record }) => record?.event === event);
    if (line) return line.record;
    if (Date.now() > deadline) throw new Error(`no log record ${event} within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
