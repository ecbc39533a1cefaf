// wasm/host/abi.h is the one list of imports and exports: what is generated from it is fresh, and
// the built core has exactly what it says.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import * as abi from "../../worker/src/abi.gen.ts";
import { root } from "../support/miniflare.mjs";

const wasiModule = "wasi_snapshot_preview1";

describe("worker/src/abi.gen.ts", () => {
  const check = (directory) => spawnSync(process.execPath, [join(directory, "scripts/gen-abi"), "--check"]);

  test("is what scripts/gen-abi writes", () => {
    const { status, stderr } = check(root);
    assert.equal(status, 0, String(stderr));
  });

  test("is found stale after any change of the header", async (t) => {
    const copy = await mkdtemp(join(tmpdir(), "latchkey-abi-"));
    t.after(() => rm(copy, { recursive: true }));
    await mkdir(join(copy, "worker/src"), { recursive: true });
    await mkdir(join(copy, "scripts"));
    await writeFile(join(copy, "package.json"), '{"type":"module"}');
    for (const path of ["scripts/gen-abi", "worker/src/abi.gen.ts", "wasm/host/abi.h"]) {
      await cp(join(root, path), join(copy, path));
    }
    assert.equal(check(copy).status, 0);
    const header = await readFile(join(root, "wasm/host/abi.h"), "utf8");
    for (const [from, to] of [
      ["kVersion = ", "kVersion = 9"],
      ["kDerive = 6", "kDerive = 7"],
      ['"if-match"', '"if-range"'],
      ["X(in_flight, uint32_t, ())", "X(in_flight, uint32_t, (uint32_t kind))"],
      ["X(now_ms, double, ())", "X(now_us, double, ())"],
    ]) {
      assert.ok(header.includes(from), from);
      await writeFile(join(copy, "wasm/host/abi.h"), header.replace(from, to));
      assert.equal(check(copy).status, 1, from);
    }
  });
});

describe("the built core", () => {
  let module;
  before(async () => {
    module = await WebAssembly.compile(await readFile(join(root, "build/wasm/latchkey.wasm")));
  });

  test("imports the functions of the ABI, and from WASI what libc needs", () => {
    const imports = WebAssembly.Module.imports(module);
    const namesFrom = (from) => imports.filter((item) => item.module === from).map((item) => item.name).sort();
    assert.ok(imports.every(({ kind }) => kind === "function"));
    assert.deepEqual([...new Set(imports.map((item) => item.module))].sort(), ["latchkey", wasiModule]);
    assert.deepEqual(namesFrom("latchkey"), [...abi.importNames].sort());
    for (const name of abi.wasiImportNames) assert.ok(namesFrom(wasiModule).includes(name), name);
    // No way to files, sockets, arguments or the environment. Writing is libc's for messages on abort.
    const others = namesFrom(wasiModule).filter((name) => !abi.wasiImportNames.includes(name));
    const harmless = ["clock_time_get", "environ_get", "environ_sizes_get", "fd_close", "fd_fdstat_get", "fd_seek",
      "fd_write", "proc_exit", "sched_yield"];
    assert.deepEqual(others.filter((name) => !harmless.includes(name)), []);
  });

  test("exports the functions of the ABI, its memory and _initialize, and nothing else", () => {
    const kinds = Object.fromEntries(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
    const expected = Object.fromEntries([...abi.exportNames, "_initialize"].map((name) => [name, "function"]));
    assert.deepEqual(kinds, { ...expected, memory: "memory" });
  });

  test("takes as many arguments as the header says", async () => {
    const header = await readFile(join(root, "wasm/host/abi.h"), "utf8");
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = () => 0;
    const { exports } = await WebAssembly.instantiate(module, imports);
    for (const name of abi.exportNames) {
      const [, list] = new RegExp(`X\\(${name}, [\\w*]+, \\(([^)]*)\\)\\)`).exec(header);
      assert.equal(exports[name].length, list ? list.split(",").length : 0, name);
    }
  });
});
