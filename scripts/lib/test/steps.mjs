// The steps of scripts/test, in order. Each gives the number of checks that passed, or throws
// a StepError.
import fs from "node:fs";
import path from "node:path";

import { rootPath } from "../paths.mjs";
import { counts, JOBS, logged, shown, StepError } from "./run.mjs";

const SANITIZER_ENV = {
  ASAN_OPTIONS: "detect_stack_use_after_return=1:strict_string_checks=1",
  UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
};
const FUZZ_AT_ONCE = 2;
const FUZZ_INPUT_SECONDS_MAX = 10;
const FUZZ_RSS_MB_MAX = 2048;

async function configureAndBuild(preset) {
  await logged(`configure-${preset}`, "cmake", ["--preset", preset]);
  await logged(`build-${preset}`, "cmake", ["--build", `build/${preset}`, "-j", String(JOBS)]);
}

async function ctest(preset, env) {
  await configureAndBuild(preset);
  const args = [
    "--test-dir",
    `build/${preset}`,
    "--output-on-failure",
    "--no-tests=error",
    "-j",
    String(JOBS),
  ];
  const output = await shown("ctest", args, { env });
  return counts(output).passed;
}

function testFiles(directory) {
  const files = fs.existsSync(rootPath(directory))
    ? fs.readdirSync(rootPath(directory), { recursive: true })
    : [];
  const tests = files.filter((name) => name.endsWith(".test.mjs"));
  return tests.map((name) => path.join(directory, name)).sort();
}

async function nodeTests(directory) {
  const files = testFiles(directory);
  if (files.length === 0) throw new StepError(`no tests in ${directory}`);
  const output = await shown("node", ["--test", `--test-concurrency=${JOBS}`, "--test-reporter=spec", ...files]);
  const { passed } = counts(output);
  if (passed === 0) throw new StepError(`no test of ${directory} passed`);
  return passed;
}

function fuzzTargets() {
  const sources = fs.readdirSync(rootPath("tests/fuzz")).filter((name) => name.endsWith(".cc"));
  return sources.map((name) => name.slice(0, -".cc".length)).sort();
}

// fuzzOne: what it finds goes to build/, the corpus of the repository is read only.
async function fuzzOne(target, seconds) {
  const corpus = `tests/fuzz/corpus/${target}`;
  if (!fs.existsSync(rootPath(corpus)) || fs.readdirSync(rootPath(corpus)).length === 0) {
    throw new StepError(`fuzz target ${target} has no corpus in ${corpus}`);
  }
  const found = `build/fuzz/found/${target}`;
  fs.mkdirSync(rootPath(found, "corpus"), { recursive: true });
  const output = await logged(
    `fuzz-${target}`,
    rootPath(`build/fuzz/tests/fuzz_${target}`),
    [
      `-max_total_time=${seconds}`,
      `-timeout=${FUZZ_INPUT_SECONDS_MAX}`,
      `-rss_limit_mb=${FUZZ_RSS_MB_MAX}`,
      `-artifact_prefix=${found}/`,
      "-print_final_stats=1",
      `${found}/corpus`,
      corpus,
    ],
    { env: SANITIZER_ENV },
  );
  const units = /stat::number_of_executed_units:\s*(\d+)/.exec(output)?.[1] ?? "?";
  console.log(`  ${target}: ${units} inputs in ${seconds} s`);
}

async function fuzz({ fuzzSeconds }) {
  await configureAndBuild("fuzz");
  const targets = fuzzTargets();
  if (targets.length === 0) throw new StepError("no fuzz target in tests/fuzz");
  const waiting = [...targets];
  const lane = async () => {
    while (waiting.length > 0) await fuzzOne(waiting.shift(), fuzzSeconds);
  };
  await Promise.all(Array.from({ length: FUZZ_AT_ONCE }, lane));
  return targets.length;
}

// one: a command that passes as a whole counts as one.
async function one(command, args, options) {
  await shown(command, args, options);
  return 1;
}

async function types() {
  let passed = await one("scripts/gen-api", []);
  for (const project of [".", "worker/dashboard", "wasm/client"]) passed += await one("tsc", ["--noEmit", "-p", project]);
  return passed;
}

export const STEPS = [
  { name: "tidy", about: "house rules", run: () => one("scripts/tidy", []) },
  {
    name: "build",
    about: "the core as wasm, and the bundle",
    run: () => one("scripts/build", ["--tests"]),
  },
  { name: "types", about: "TypeScript, strict", run: types },
  { name: "native", about: "native tests", run: () => ctest("native") },
  // The fuzz preset is native-asan plus coverage counters: one build serves both steps.
  { name: "asan", about: "native tests under ASan and UBSan", run: () => ctest("fuzz", SANITIZER_ENV) },
  { name: "fuzz", about: "each fuzz target for a while", run: fuzz },
  { name: "worker", about: "end to end on workerd", run: () => nodeTests("tests/worker") },
  {
    name: "client",
    about: "the client module, and the clients of its page",
    run: () => nodeTests("tests/client"),
  },
  // Apart as long as the others leave it no time: half an hour on two cores is what there is.
  {
    name: "dashboard",
    about: "the dashboard in Chromium (apart: --only dashboard)",
    isApart: true,
    run: () => nodeTests("tests/dashboard"),
  },
  { name: "cli", about: "command line, scripts", run: () => nodeTests("tests/cli") },
  {
    name: "soak",
    about: "clients, cron and kills for 30 seconds",
    run: () => one("node", ["tests/soak/main.mjs", "--seconds", "30"]),
  },
  { name: "deploy", about: "deployment, dry run", run: () => one("scripts/deploy", ["--dry-run"]) },
  {
    name: "bench",
    about: "benchmark, smoke run",
    run: () => one("node", ["tests/bench/main.mjs", "--smoke"]),
  },
];
