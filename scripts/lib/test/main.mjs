// scripts/test: runs the steps one after another and stops at the first that fails.
import { parseArgs } from "node:util";

import { endAll, StepError } from "./run.mjs";
import { STEPS } from "./steps.mjs";

const USAGE = `Usage: scripts/test [--only NAME]... [--fuzz-seconds N] [--list]

Runs every check but those that say "apart", or the steps named. Stops at the first step that fails.
  --only NAME       run this step (may be given several times)
  --fuzz-seconds N  time for each fuzz target (default 10; 15 where CI is set)
  --list            name the steps
  --help            this text`;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", multiple: true },
        "fuzz-seconds": { type: "string", default: process.env.CI ? "15" : "10" },
        list: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    const unknown = values.only?.find((name) => !STEPS.some((step) => step.name === name));
    if (unknown)
      throw new Error(`no step '${unknown}' (known: ${STEPS.map(({ name }) => name).join(", ")})`);
    if (!/^[1-9]\d{0,5}$/.test(values["fuzz-seconds"]))
      throw new Error("--fuzz-seconds must be a whole number");
    return values;
  } catch (error) {
    console.error(`test: ${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

function elapsed(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

async function main() {
  const options = readOptions();
  if (options.help) return console.log(USAGE);
  if (options.list) return STEPS.forEach(({ name, about }) => console.log(`${name.padEnd(10)}${about}`));

  const steps = STEPS.filter(({ name, isApart }) => options.only?.includes(name) ?? !isApart);
  const began = performance.now();
  const summary = [];
  let passed = 0;
  let failed = 0;
  for (const [index, step] of steps.entries()) {
    const stepBegan = performance.now();
    console.log(
      `\n== [${index + 1}/${steps.length}] ${step.name}: ${step.about} (${elapsed(began)} so far)`,
    );
    try {
      const count = await step.run({ fuzzSeconds: Number(options["fuzz-seconds"]) });
      passed += count;
      summary.push(`  ok      ${step.name.padEnd(10)}${elapsed(stepBegan).padStart(9)}  ${count} passed`);
    } catch (error) {
      endAll();
      const isStep = error instanceof StepError;
      failed += isStep ? error.failed : 1;
      passed += isStep ? error.passed : 0;
      summary.push(`  FAILED  ${step.name.padEnd(10)}${elapsed(stepBegan).padStart(9)}  ${error.message}`);
      summary.push(...steps.slice(index + 1).map(({ name }) => `  not run ${name}`));
      if (!isStep) console.error(error.stack);
      break;
    }
  }
  console.log(
    `\n== Summary (${elapsed(began)})\n${summary.join("\n")}\n${passed} passed, ${failed} failed`,
  );
  process.exitCode = failed > 0 ? 1 : 0;
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    endAll();
    process.exit(130);
  });
}
await main();
