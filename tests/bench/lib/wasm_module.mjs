// Facts about the built module: its size and how long it takes to instantiate.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { median, round } from "./numbers.mjs";

const kInstantiations = 20;

function stubImports(module) {
  const imports = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind !== "function") throw new Error(`the module imports a ${kind}: ${from}.${name}`);
    (imports[from] ??= {})[name] = () => 0;
  }
  return imports;
}

// Instantiation alone, of a compiled module, as the platform does it; constructors do not run.
export async function measureWasm(path) {
  const bytes = readFileSync(path);
  const module = await WebAssembly.compile(bytes);
  const imports = stubImports(module);
  const times = [];
  for (let i = 0; i < kInstantiations; i++) {
    const start = performance.now();
    await WebAssembly.instantiate(module, imports);
    times.push(performance.now() - start);
  }
  return { wasm_bytes: bytes.length, wasm_gzip_bytes: gzipSync(bytes, { level: 9 }).length,
    instantiate_ms: round(median(times), 3) };
}
