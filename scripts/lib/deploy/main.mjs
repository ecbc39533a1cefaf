// scripts/deploy: reads its flags and runs wrangler for the steps in deploy.mjs.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

import { ROOT, rootPath } from "../paths.mjs";
import { deploy, DeployError, dryRun, init, initDryRun } from "./deploy.mjs";

const USAGE = `Usage: npm run deploy -- [--env NAME] [--dry-run] [--init]

Checks wrangler.toml and the secrets, applies migrations, then deploys the Worker.

  --env NAME  an environment of wrangler.toml, for instance staging (default: production)
  --dry-run   checks and bundles without an account; changes nothing
  --init      creates D1 and KV, writes their ids into wrangler.toml, makes the secrets and puts
              them; with --dry-run prints what it would run
  --help      this text`;

const WRANGLER_ENV = { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_WRITE_LOGS: "false" };

function say(text) {
  process.stdout.write(`${text}\n`);
}

function runWrangler(args, { input, capture = false } = {}) {
  const result = spawnSync(rootPath("node_modules/.bin/wrangler"), args, {
    cwd: ROOT,
    env: WRANGLER_ENV,
    input,
    encoding: "utf8",
    // A captured command must not ask questions: its stdin is empty.
    stdio: [
      input !== undefined ? "pipe" : capture ? "ignore" : "inherit",
      capture ? "pipe" : "inherit",
      "inherit",
    ],
  });
  if (result.error) throw new DeployError(`wrangler does not start: ${result.error.message}`);
  return { status: result.status, stdout: result.stdout ?? "" };
}

function build() {
  const { status } = spawnSync(rootPath("scripts/build"), { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) throw new DeployError("The build failed.");
}

function main() {
  const { values } = parseArgs({
    options: {
      env: { type: "string", default: "" },
      "dry-run": { type: "boolean" },
      init: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return say(USAGE);
  const environment = values.env === "production" ? "" : values.env;
  const secretsFile = rootPath(`.latchkey/deployed-${environment || "production"}.env`);
  const context = { root: ROOT, environment, run: runWrangler, say, secretsFile };
  if (values.init) return values["dry-run"] ? initDryRun(context) : init(context);
  build();
  return values["dry-run"] ? dryRun(context) : deploy(context);
}

process.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 1));
try {
  main();
} catch (error) {
  const isUsage = error.code?.startsWith("ERR_PARSE_ARGS");
  process.stderr.write(`deploy: ${error.message}\n${isUsage ? `${USAGE}\n` : ""}`);
  if (!isUsage && !(error instanceof DeployError) && process.env.DEBUG)
    process.stderr.write(`${error.stack}\n`);
  process.exitCode = isUsage ? 2 : 1;
}
