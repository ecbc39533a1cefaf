// The scripts' own parts: admin tokens, env files, arguments of start, bootstrap and test.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

import { extendEnvFile, parseEnv, readEnvFile } from "../../scripts/lib/env_file.mjs";
import { rootPath } from "../../scripts/lib/paths.mjs";
import { DEMO_SECRETS, REQUIRED_SECRETS } from "../../scripts/lib/secrets.mjs";
import { counts } from "../../scripts/lib/test/run.mjs";
import { isAdminToken, makeAdminToken } from "../../scripts/lib/token.mjs";
import { runProgram, temporaryDirectory } from "./support.mjs";

test("admin tokens are fresh each time and carry a checksum that finds every single wrong character", () => {
  const token = makeAdminToken();
  assert.match(token, /^lk_admin_[0-9A-Za-z]{46}$/);
  assert.notEqual(token, makeAdminToken());
  assert.ok(isAdminToken(token));
  for (let i = "lk_admin_".length; i < token.length; i += 1) {
    const other = token[i] === "a" ? "b" : "a";
    assert.ok(!isAdminToken(token.slice(0, i) + other + token.slice(i + 1)), `place ${i}`);
  }
  assert.ok(isAdminToken(`lk_admin_${"0".repeat(40)}2kaqcA`));
  assert.ok(!isAdminToken(`${token}0`));
});

test("fresh secrets have the form that the service asks for", () => {
  const made = Object.fromEntries(
    [...REQUIRED_SECRETS, ...DEMO_SECRETS].map(({ name, value }) => [name, value()]),
  );
  assert.ok(isAdminToken(made.ADMIN_TOKEN));
  for (const [name, prefix] of [
    ["MASTER_KEY", "k1:"],
    ["SIGNING_KEY", "s1:"],
    ["INDEX_KEY", ""],
  ]) {
    assert.ok(made[name].startsWith(prefix));
    assert.equal(Buffer.from(made[name].slice(prefix.length), "base64").length, 32);
  }
  assert.deepEqual(Object.keys(made).slice(4), [
    "DEEPSEEK_API_KEY",
    "QWEN_API_KEY",
    "MISTRAL_API_KEY",
    "ZHIPU_API_KEY",
    "KIMI_API_KEY",
    "YANDEX_API_KEY",
  ]);
  assert.equal(new Set(Object.values(made)).size, 10);
});

test("an env file is read with comments, quotes and odd lines as people write them", () => {
  const { values, bad } = parseEnv(
    '# c\nA=1\nexport B = "two words" # c\r\nC=a#b # c\nD=\'x"y\'\nnonsense\nE=\nF=k1:a=b==\n',
  );
  assert.deepEqual(Object.fromEntries(values), {
    A: "1",
    B: "two words",
    C: "a#b",
    D: 'x"y',
    E: "",
    F: "k1:a=b==",
  });
  assert.deepEqual(bad, [6]);
});

test("extending an env file keeps every line and adds only what is missing, for its owner alone", (t) => {
  const file = path.join(temporaryDirectory(t), "sub/.dev.vars");
  const before = "# mine\nB=kept # why\n\nA=";
  fs.mkdirSync(path.dirname(file));
  fs.writeFileSync(file, before, { mode: 0o644 });
  const entries = [
    { name: "A", value: "x" },
    { name: "B", value: "x" },
    { name: "C", value: () => "made", comment: "the C" },
  ];
  assert.deepEqual(extendEnvFile(file, entries), ["C"]);
  assert.equal(fs.readFileSync(file, "utf8"), `${before}\n\n# the C\nC=made\n`);
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  const whole = fs.readFileSync(file, "utf8");
  assert.deepEqual(extendEnvFile(file, entries), []);
  assert.equal(fs.readFileSync(file, "utf8"), whole);
  assert.deepEqual(fs.readdirSync(path.dirname(file)), [".dev.vars"]);
});

test("an env file that is not there is empty, and is made with its header", (t) => {
  const file = path.join(temporaryDirectory(t), "deep/er/.dev.vars");
  assert.equal(readEnvFile(file).values.size, 0);
  extendEnvFile(file, [{ name: "A", value: "1" }], "# head\n");
  assert.equal(fs.readFileSync(file, "utf8"), "# head\nA=1\n");
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
});

test("wrong arguments of the scripts exit 2 and are named, before anything is installed or built", async () => {
  for (const [script, args, expected] of [
    ["start", ["--prot", "1"], /unknown argument --prot/],
    ["start", ["--port", "70000"], /--port must be a number/],
    ["start", ["--port"], /--port needs a value/],
    ["start", ["--state="], /--state needs a value/],
    ["bootstrap", ["--frob"], /unknown argument --frob/],
  ]) {
    const { status, stderr } = await runProgram(rootPath("scripts", script), args);
    assert.equal(status, 2, `${script} ${args}`);
    assert.match(stderr, expected);
  }
});

test("every script explains itself", async () => {
  for (const script of ["start", "test", "bootstrap", "deploy", "tidy"]) {
    const { status, stdout } = await runProgram(rootPath("scripts", script), ["--help"]);
    assert.equal(status, 0, script);
    assert.match(stdout, /Usage:/, script);
  }
});

test("the closing counts of ctest and node are read", () => {
  assert.deepEqual(counts("100% tests passed, 0 tests failed out of 412\n"), { passed: 412, failed: 0 });
  assert.deepEqual(counts("99% tests passed, 1 test failed out of 100\n"), { passed: 99, failed: 1 });
  const node = "\u2139 tests 7\n\u2139 pass 4\n\u2139 fail 2\n\u2139 cancelled 1\n\u2139 skipped 0\n";
  assert.deepEqual(counts(node), { passed: 4, failed: 3 });
  assert.deepEqual(counts("nothing"), { passed: 0, failed: 0 });
});
