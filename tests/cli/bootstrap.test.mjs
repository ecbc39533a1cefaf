// scripts/bootstrap on machines that lack things: the system's own tools are replaced by small
// programs that write down how they were called.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { rootPath } from "../../scripts/lib/paths.mjs";
import { runProgram, temporaryDirectory } from "./support.mjs";

const TOOLS = [
  "bash",
  "dirname",
  "id",
  "sed",
  "tr",
  "grep",
  "cmp",
  "cp",
  "mkdir",
  "tail",
  "cat",
  "env",
  "chmod",
  "flock",
  "touch",
];
const NPM_CI = `mkdir -p node_modules/.bin
for name in node workerd; do
  printf '#!/bin/sh\\necho v24.1.0\\n' > node_modules/.bin/$name
  chmod +x node_modules/.bin/$name
done`;

function setUp(t) {
  const root = temporaryDirectory(t);
  const bin = path.join(root, "bin");
  fs.mkdirSync(bin);
  for (const tool of TOOLS) {
    const found = ["/usr/bin", "/bin"]
      .map((directory) => path.join(directory, tool))
      .find((file) => fs.existsSync(file));
    fs.symlinkSync(found, path.join(bin, tool));
  }
  fs.mkdirSync(path.join(root, "scripts"));
  fs.copyFileSync(rootPath("scripts/bootstrap"), path.join(root, "scripts/bootstrap"));
  fs.writeFileSync(path.join(root, "package-lock.json"), "{}");
  const calls = path.join(root, "calls");
  fs.writeFileSync(calls, "");
  const program = (file, body) => {
    fs.writeFileSync(file, `#!/bin/bash\necho "${path.basename(file)} $*" >> ${calls}\n${body}\n`, {
      mode: 0o755,
    });
  };
  const stub = (name, body) => program(path.join(bin, name), body);
  stub("npm", NPM_CI);
  stub("dpkg-query", 'for name in "${@:3}"; do echo "$name installed"; done');
  stub("apt-get", "exit 0");
  program(path.join(root, "scripts/fetch-boringssl"), "exit 0");
  return {
    root,
    stub,
    calls: () =>
      fs
        .readFileSync(calls, "utf8")
        .trimEnd()
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("dpkg-query")),
    forget: () => fs.writeFileSync(calls, ""),
    remove: (name) => fs.unlinkSync(path.join(bin, name)),
    run: (...args) =>
      runProgram(path.join(root, "scripts/bootstrap"), args, {
        env: { PATH: bin, BORINGSSL_SOURCE_DIR: "" },
        cwd: root,
      }),
  };
}

test("what is missing is installed with progress, and a second run installs nothing", async (t) => {
  const machine = setUp(t);
  machine.stub(
    "dpkg-query",
    'for name in "${@:3}"; do [ "$name" = lld-22 ] || [ "$name" = wasi-libc ] || echo "$name installed"; done',
  );
  const { status, stdout, stderr } = await machine.run();
  assert.equal(status, 0, stderr);
  const calls = machine.calls();
  assert.match(calls[0], /^apt-get .*update$/);
  assert.match(calls[1], /^apt-get .*install --no-install-recommends lld-22 wasi-libc$/);
  assert.match(calls[2], /^npm ci/);
  assert.match(calls[3], /^fetch-boringssl/);
  assert.match(stdout, /\[1\/3\] Debian packages: installing lld-22 wasi-libc/);
  assert.match(stdout, /\[2\/3\] npm packages/);
  machine.stub("dpkg-query", 'for name in "${@:3}"; do echo "$name installed"; done');
  machine.forget();
  const again = await machine.run();
  assert.deepEqual([again.status, again.stdout, machine.calls()], [0, "", ["fetch-boringssl"]]);
});

test("the native test packages are asked for with --tests only", async (t) => {
  const machine = setUp(t);
  const installed =
    'for name in "${@:3}"; do case $name in libgtest-dev | libsqlite3-dev) ;; *) echo "$name installed" ;; esac; done';
  machine.stub("dpkg-query", installed);
  await machine.run();
  assert.ok(!machine.calls().some((call) => call.startsWith("apt-get")));
  await machine.run("--tests");
  assert.ok(machine.calls().some((call) => / install .*libgtest-dev libsqlite3-dev$/.test(call)));
});

test("a lock file that changed brings npm ci again", async (t) => {
  const machine = setUp(t);
  await machine.run();
  machine.forget();
  fs.writeFileSync(path.join(machine.root, "package-lock.json"), '{"changed": true}');
  await machine.run();
  assert.match(machine.calls()[0], /^npm ci/);
});

test("a failed installation shows the end of its log and stops", async (t) => {
  const machine = setUp(t);
  machine.stub("dpkg-query", "exit 1");
  machine.stub(
    "apt-get",
    'case "$*" in *install*) echo "E: Unable to locate package clang-22"; exit 100 ;; esac',
  );
  const { status, stderr } = await machine.run();
  assert.equal(status, 1);
  assert.match(stderr, /E: Unable to locate package clang-22/);
  assert.match(stderr, /apt-get could not install: clang-22 /);
  assert.ok(!machine.calls().some((call) => call.startsWith("npm")));
});

test("an update that fails for one source does not stop an install that works", async (t) => {
  const machine = setUp(t);
  machine.stub(
    "dpkg-query",
    'for name in "${@:3}"; do [ "$name" = lld-22 ] || echo "$name installed"; done',
  );
  machine.stub("apt-get", 'case "$*" in *update) exit 100 ;; esac');
  assert.equal((await machine.run()).status, 0);
});

test("an npm that skips install scripts is found out", async (t) => {
  const machine = setUp(t);
  machine.stub("npm", `${NPM_CI}\nprintf '#!/bin/sh\\necho v20.0.0\\n' > node_modules/.bin/node`);
  const { status, stderr } = await machine.run();
  assert.equal(status, 1);
  assert.match(stderr, /did not install Node 24 \(found: v20\.0\.0\)/);
});

test("a machine without apt is told what to install", async (t) => {
  const machine = setUp(t);
  machine.remove("apt-get");
  machine.remove("npm");
  const { status, stderr } = await machine.run();
  assert.equal(status, 1);
  assert.match(stderr, /this machine has no apt\. Install these commands and run again: clang-22 .*npm/);
});
