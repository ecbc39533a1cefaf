// The crypto vectors and negatives against the wasm build: the same files and the same runner
// as natively (tests/support/crypto), as a WASI command in Node.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { openSync, closeSync, readFileSync, readdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { WASI } from "node:wasi";

const root = fileURLToPath(new URL("../..", import.meta.url));
const buildDir = process.env.LATCHKEY_WASM_BUILD ?? join(root, "build/wasm");
const probePath = join(buildDir, "tests/support/crypto/crypto_probe.wasm");
const vectorsDir = join(root, "tests/vectors");
// Fewer checks than this mean that a file or a negative went missing.
const checksMin = 7900;
const selfTestUsMax = 3000;

before(() => {
  const built = spawnSync("ninja", ["-C", buildDir, "crypto_probe"], { encoding: "utf8" });
  assert.equal(built.status, 0, `${built.stdout}${built.stderr}`);
});

async function runProbe(args) {
  const scratch = mkdtempSync(join(tmpdir(), "crypto-probe-"));
  const outputPath = join(scratch, "stdout");
  const stdout = openSync(outputPath, "w");
  try {
    const wasi = new WASI({
      version: "preview1",
      args: ["crypto_probe", ...args],
      preopens: { "/vectors": vectorsDir },
      returnOnExit: true,
      stdout,
    });
    const module = await WebAssembly.compile(readFileSync(probePath));
    const exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
    return { exitCode, output: readFileSync(outputPath, "utf8") };
  } finally {
    closeSync(stdout);
    rmSync(scratch, { recursive: true });
  }
}

test("every vector and every negative holds in wasm", async () => {
  const files = readdirSync(vectorsDir).filter((name) => name.endsWith(".txt"));
  assert.ok(files.length >= 11);
  const { exitCode, output } = await runProbe(files.map((name) => `/vectors/${name}`));
  assert.equal(exitCode, 0, output);
  const summary = /^(\d+) checks, 0 failed$/m.exec(output);
  assert.ok(summary, output);
  assert.ok(Number(summary[1]) >= checksMin, output);
});

test("the probe fails where a vector file is missing", async () => {
  const { exitCode, output } = await runProbe(["/vectors/no_such_file.txt"]);
  assert.equal(exitCode, 1);
  assert.match(output, /FAILED cannot read/);
});

test("the self test passes in wasm within its time", async (t) => {
  const { exitCode, output } = await runProbe(["--time"]);
  assert.equal(exitCode, 0, output);
  t.diagnostic(output.trim());
  assert.ok(JSON.parse(output).self_test_us < selfTestUsMax, output);
});
