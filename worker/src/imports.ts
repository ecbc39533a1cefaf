// What the core imports: one function for each import of the ABI.
import { importNames, wasiImportNames, type CoreImports } from "./abi.gen.ts";
import type { Memory } from "./memory.ts";

// What an instance offers to its imports. Memory is there only once the module is instantiated.
export interface ImportHost {
  readonly memory: Memory;
  startOp(request: number, token: number, kind: number, ptr: number, len: number): void;
  respond(request: number, ptr: number, len: number): void;
}

const wasiModule = "wasi_snapshot_preview1";
const errnoSuccess = 0;
const errnoNoSys = 52;
const logMethods = ["debug", "info", "warn", "error"] as const;

function coreImports(host: ImportHost): CoreImports {
  return {
    start_op: (request, token, kind, ptr, len) => host.startOp(request, token, kind, ptr, len),
    respond: (request, ptr, len) => host.respond(request, ptr, len),
    log: (level, ptr, len) => console[logMethods[level] ?? "error"](host.memory.text(ptr, len)),
    now_ms: () => Date.now(),
  };
}

function wasiImports(host: ImportHost): Record<(typeof wasiImportNames)[number], (...args: number[]) => number> {
  return {
    random_get: (ptr = 0, len = 0) => {
      host.memory.fillRandom(ptr, len);
      return errnoSuccess;
    },
  };
}

// The import object for `module`. Other WASI functions, which libc names but never reaches,
// answer ENOSYS. Throws where the module imports anything that is not in the ABI.
export function importObject(module: WebAssembly.Module, host: ImportHost): WebAssembly.Imports {
  const core: Record<string, WebAssembly.ImportValue> = { ...coreImports(host) };
  const wasi: Record<string, WebAssembly.ImportValue> = { ...wasiImports(host) };
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const isCore = from === "latchkey" && (importNames as readonly string[]).includes(name);
    if (kind !== "function" || !(isCore || from === wasiModule)) {
      throw new Error(`unknown import ${from}.${name}`);
    }
    if (from === wasiModule) wasi[name] ??= () => errnoNoSys;
  }
  return { latchkey: core, [wasiModule]: wasi };
}
